"""How long ago somebody proved in this session who they are."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

# Signing in is proof as well; a link that resets a password is none.
_METHODS = frozenset({"password", "mfa"})


def proof_is_recent(request: HttpRequest, seconds: int) -> bool:
    """Whether a password or a factor was given within so many seconds."""
    if not request.user.is_authenticated:
        return False
    times = [
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record.get("method") in _METHODS
    ]
    return bool(times) and time.time() - max(times) < seconds
