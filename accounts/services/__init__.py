"""What can be done to users, and by them to their sessions."""

from accounts.services.signing_in import login_attempt, session_end, session_start
from accounts.services.users import preferences_update, user_create, user_update

__all__ = [
    "login_attempt",
    "preferences_update",
    "session_end",
    "session_start",
    "user_create",
    "user_update",
]
