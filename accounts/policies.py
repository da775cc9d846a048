"""Who may do what to users, and the one function that every service asks with.

A policy is a predicate of `django-rules` registered under Django's permission name
(`app.action_model`). A predicate asked without an object answers "may this person do it to
some object?", as the admin's menus need.
"""

import rules

from accounts.models import Role, User, UserPreferences
from config.errors import NotAllowed


@rules.predicate
def is_admin(user: User) -> bool:
    """The school's administrators."""
    return user.role == Role.ADMIN


@rules.predicate
def is_staff(user: User) -> bool:
    """Teachers and administrators."""
    return user.is_staff


@rules.predicate
def is_self(user: User, target: User | UserPreferences | None) -> bool:
    """The user's own account."""
    if target is None:
        return True
    return user.pk == (target.user_id if isinstance(target, UserPreferences) else target.pk)


@rules.predicate
def sees(user: User, target: User | None) -> bool:
    """Someone who shares a class with the target."""
    return target is None or User.objects.visible_to(user).filter(pk=target.pk).exists()


rules.add_perm("config.view_metrics", is_admin)
rules.add_perm("accounts.view_user", is_admin | is_self | sees)
rules.add_perm("accounts.add_user", is_admin)
rules.add_perm("accounts.change_user", is_admin)
rules.add_perm("accounts.delete_user", is_admin)
rules.add_perm("accounts.view_live_sessions", is_admin)
rules.add_perm("accounts.view_userpreferences", is_admin | is_self)
rules.add_perm("accounts.change_userpreferences", is_admin | is_self)
for _action in ("view", "add", "change", "delete"):
    rules.add_perm(f"accounts.{_action}_invitation", is_admin)
# Accounts that are locked against guessing: django-axes counts, an admin may lift a lock.
rules.add_perm("axes.view_accessattempt", is_admin)
rules.add_perm("axes.delete_accessattempt", is_admin)


def require(user: User, permission: str, obj: object = None) -> None:
    """Raise NotAllowed unless a policy grants the permission on the object."""
    if not user.has_perm(permission, obj):
        raise NotAllowed()
