"""Encryption of the second factors' secrets at rest.

Fernet (AES-128-CBC and HMAC-SHA256) with a key derived from SECRET_KEY; what was encrypted under
one of SECRET_KEY_FALLBACKS can still be read.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from config.errors import StoreUnavailable

_SALT = b"lectern.accounts.second-factors"


def encrypt(text: str) -> str:
    """The secret as it may lie in the database."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The secret again; StoreUnavailable if SECRET_KEY was changed without a fallback."""
    try:
        return _keys().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise StoreUnavailable("The second factor can't be read: SECRET_KEY has changed.") from None


def _keys() -> MultiFernet:
    return MultiFernet(
        [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str) -> Fernet:
    # SECRET_KEY is long and random: a slow derivation would add nothing.
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(_SALT + secret.encode()).digest()))
