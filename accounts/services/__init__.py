"""What can be done to users, and by them to their sessions."""

from accounts.services.claiming import accounts_claim, accounts_unconfirmed
from accounts.services.idempotency import idempotency_keys_purge
from accounts.services.invitations import (
    account_take_over,
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
from accounts.services.security import (
    address_change_tell,
    admin_keep_one,
    password_set_note,
    second_factors_remove,
    user_by_address,
    user_role_set,
)
from accounts.services.signing_in import session_renew
from accounts.services.users import (
    preferences_update,
    user_address_change,
    user_create,
    user_update,
)

__all__ = [
    "account_take_over",
    "accounts_claim",
    "accounts_unconfirmed",
    "address_change_tell",
    "admin_keep_one",
    "idempotency_keys_purge",
    "invitation_accept",
    "invitation_check",
    "invitation_create",
    "invitation_is_open",
    "invitation_preview",
    "invitation_resend",
    "invitation_revoke",
    "password_set_note",
    "preferences_update",
    "second_factors_remove",
    "session_end_by_handle",
    "session_renew",
    "sessions_end",
    "sessions_of",
    "sessions_page",
    "user_address_change",
    "user_by_address",
    "user_create",
    "user_role_set",
    "user_update",
]
