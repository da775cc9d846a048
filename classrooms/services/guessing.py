"""Who guesses join codes, and when nobody who guesses is answered any more.

A code is one of 31^8 = 8.5 * 10^11. In a school of 1,000 classes, 3,000 wrong codes a minute hit
one after half a year (8.5 * 10^11 / 1,000 / 3,000 minutes = 197 days), and the log says so every
minute of it. So the limits need not be tight, and must not be a switch by which thirty accounts
keep a school from joining: what is used up is used up for those who have missed themselves.
A guesser beyond them needs a fresh account for each guess, and sign-ups are limited too.
"""

import logging

from accounts.models import User
from accounts.ratelimit import rate_limit_hit, rate_limit_peek
from config.errors import RateLimitExceeded

_ADDRESS, _ALL = "join_misses", "join_misses_all"
_EVERYBODY = "all"

logger = logging.getLogger(__name__)


def guessing_check(*, user: User, address: str | None) -> None:
    """Raise RateLimitExceeded while too many codes are wrong, for those whose codes they were.

    By address: for the accounts that have missed. Of everybody together: for accounts, and for
    addresses, that have missed. `address` is `accounts.ratelimit.caller_identity`.
    """
    if address and (refusal := _used_up(address, _ADDRESS)) and _has_missed(str(user.pk)):
        raise refusal
    own = [identity for identity in (str(user.pk), address) if identity]
    if (refusal := _used_up(_EVERYBODY, _ALL)) and any(map(_has_missed, own)):
        raise refusal


def guessing_missed(*, user: User, address: str | None) -> None:
    """Count a wrong code; RateLimitExceeded if it is one too many."""
    refusal = None
    counted = [(str(user.pk), _ADDRESS), (address, _ADDRESS), (_EVERYBODY, _ALL)]
    for identity, endpoint in counted:
        if identity is None:
            continue
        try:
            state = rate_limit_hit(identity=identity, endpoint=endpoint)
        except RateLimitExceeded as error:
            refusal = error
        else:
            if endpoint == _ALL and state.count == state.limit:  # once a window
                logger.warning("%s wrong join codes within a minute", state.count)
    if refusal is not None:
        raise refusal


def _used_up(identity: str, endpoint: str) -> RateLimitExceeded | None:
    try:
        rate_limit_peek(identity=identity, endpoint=endpoint)
    except RateLimitExceeded as error:
        return error
    return None


def _has_missed(identity: str) -> bool:
    try:
        return rate_limit_peek(identity=identity, endpoint=_ADDRESS).count > 0
    except RateLimitExceeded:
        return True
