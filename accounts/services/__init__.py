"""What can be done to users, and by them to their sessions."""

from accounts.services.idempotency import idempotency_keys_purge
from accounts.services.invitations import (
    invitation_accept,
    invitation_check,
    invitation_create,
    invitation_is_open,
    invitation_preview,
    invitation_resend,
    invitation_revoke,
)
from accounts.services.live_sessions import (
    session_end_by_handle,
    sessions_end,
    sessions_of,
    sessions_page,
)
from accounts.services.signing_in import session_renew
from accounts.services.users import (
    preferences_update,
    user_address_change,
    user_create,
    user_update,
)

__all__ = [
    "idempotency_keys_purge",
    "invitation_accept",
    "invitation_check",
    "invitation_create",
    "invitation_is_open",
    "invitation_preview",
    "invitation_resend",
    "invitation_revoke",
    "preferences_update",
    "session_end_by_handle",
    "session_renew",
    "sessions_end",
    "sessions_of",
    "sessions_page",
    "user_address_change",
    "user_create",
    "user_update",
]
