"""What can be done to users, and by them to their sessions."""

from accounts.services.idempotency import idempotency_keys_purge
from accounts.services.signing_in import login_attempt, session_end, session_start
from accounts.services.users import preferences_update, user_create, user_update

__all__ = [
    "idempotency_keys_purge",
    "login_attempt",
    "preferences_update",
    "session_end",
    "session_start",
    "user_create",
    "user_update",
]
