"""Rate limits in Redis: a counter at `ratelimit:{user_id}:{endpoint}` that lives 60 s.

The spec's INCR and then EXPIRE are one script here, so that a client that dies between the
two can't leave a counter that never ends.

While Redis is down, what must not be guessed or started twice (`limits.RATE_LIMITS_STRICT`)
is refused, and everything else is counted in this process, to the same limits.
"""

import ipaddress
from dataclasses import dataclass

from django.http import HttpRequest
from redis.exceptions import RedisError

from accounts.activity import client_address
from accounts.ratelimit_process import Outage, ProcessCounters
from accounts.scripts import Script, impatient_redis
from config import limits
from config.errors import RateLimitExceeded, StoreUnavailable

# ARGV: how many to add (0 looks only), the window in seconds. Returns the count and the
# seconds until it ends. A counter that has no end, whoever left it, gets one.
_COUNT = Script("""
local count = 0
if ARGV[1] == '0' then
  count = tonumber(redis.call('GET', KEYS[1]) or '0')
else
  count = redis.call('INCRBY', KEYS[1], ARGV[1])
end
local left = redis.call('TTL', KEYS[1])
if left == -1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {count, left}
""")

_outage = Outage()
_in_process = ProcessCounters()


@dataclass(frozen=True)
class RateLimitState:
    """A named rate after a hit; `reset` is in seconds."""

    endpoint: str
    limit: int
    count: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.count, 0)


def rate_limit_hit(*, identity: str, endpoint: str) -> RateLimitState:
    """Count a request of `identity` (a user's id or an address) to a named rate.

    Raises RateLimitExceeded when it is over `limits.RATE_LIMITS[endpoint]`, StoreUnavailable
    when Redis is down and the rate is a strict one.
    """
    state = _count(identity, endpoint, 1)
    if state.count > state.limit:
        raise _exceeded(state)
    return state


def rate_limit_peek(*, identity: str, endpoint: str) -> RateLimitState:
    """The state of a named rate, without counting anything.

    For what counts failures only: asked before the attempt, so that nobody tries on once the
    limit is reached. Raises as `rate_limit_hit` would on the next hit.
    """
    state = _count(identity, endpoint, 0)
    if state.count >= state.limit:
        raise _exceeded(state)
    return state


def caller_identity(request: HttpRequest) -> str:
    """Whom to count a caller as who is not signed in: their address.

    Of IPv6 it is the network /64, which is what one customer has; who counts single addresses
    there counts nothing. "unknown" is one caller, if a proxy sends what is no address.
    """
    address = client_address(request)
    if address is None:
        return "unknown"
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((address, 64), strict=False))


def _count(identity: str, endpoint: str, by: int) -> RateLimitState:
    limit = limits.RATE_LIMITS[endpoint]
    key = f"ratelimit:{identity}:{endpoint}"
    strict = endpoint in limits.RATE_LIMITS_STRICT
    # While it is known to be down only the strict ones ask: they can do nothing else.
    if strict or not _outage.pausing():
        try:
            count, left = _COUNT(impatient_redis(), [key], by, limits.RATE_LIMIT_WINDOW)
            _outage.ended()
            return RateLimitState(endpoint, limit, count, max(left, 0))
        except RedisError as error:
            if strict:  # the answer says it
                raise StoreUnavailable("Redis is unavailable") from error
            _outage.noticed(error)
    count, left = _in_process.count(key, by)
    return RateLimitState(endpoint, limit, count, left)


def _exceeded(state: RateLimitState) -> RateLimitExceeded:
    return RateLimitExceeded(
        limit=state.limit, retry_after=max(state.reset, 1), endpoint=state.endpoint
    )
