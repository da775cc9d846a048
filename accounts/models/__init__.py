"""The tables of accounts: the spec's `users` and `user_preferences`, and ours beside them."""

from accounts.models.idempotency import IdempotencyKey
from accounts.models.invitation import Invitation, InvitationQuerySet
from accounts.models.preferences import Theme, UserPreferences
from accounts.models.user import Role, User, UserManager, UserQuerySet

__all__ = [
    "IdempotencyKey",
    "Invitation",
    "InvitationQuerySet",
    "Role",
    "Theme",
    "User",
    "UserManager",
    "UserPreferences",
    "UserQuerySet",
]
