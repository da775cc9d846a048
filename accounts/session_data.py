"""Django's own session data as text: JSON behind an HMAC, like Django's signed data but quicker.

Django derives its key anew, compresses and stamps the time at each turn; a session is small, and
its age is Redis' affair. Who can write to Redis but has no SECRET_KEY can sign nobody in.
"""

import hmac
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

from django.conf import settings

_SIGNATURE = 64  # hexadecimal digits


class Serializer(Protocol):
    """What settings.SESSION_SERIALIZER makes."""

    def dumps(self, obj: Any) -> bytes: ...
    def loads(self, data: bytes) -> Any: ...


@lru_cache(maxsize=16)
def _key(secret: str | bytes) -> bytes:
    material = secret.encode() if isinstance(secret, str) else secret
    return sha256(b"accounts.session_data" + material).digest()


def _sign(payload: bytes, secret: str | bytes) -> str:
    return hmac.digest(_key(secret), payload, "sha256").hex()


def _secrets() -> Iterator[str | bytes]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def dump(data: Any, serializer: Serializer) -> bytes:
    """Sign what is serialized."""
    payload = serializer.dumps(data)
    return _sign(payload, settings.SECRET_KEY).encode() + payload


def load(text: bytes, serializer: Serializer) -> Any:
    """What was signed; ValueError if it was not, or not by us."""
    signature, payload = text[:_SIGNATURE], text[_SIGNATURE:]
    for secret in _secrets():
        if hmac.compare_digest(signature, _sign(payload, secret).encode()):
            return serializer.loads(payload)
    raise ValueError("the session's data is not signed by us")
