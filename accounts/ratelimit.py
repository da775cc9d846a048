"""Rate limits in Redis: a counter at `ratelimit:{user_id}:{endpoint}` that lives 60 s.

The spec's INCR and then EXPIRE are one script here, so that a client that dies between the
two can't leave a counter that never ends.
"""

from dataclasses import dataclass
from typing import cast

from django_redis import get_redis_connection

from config import limits
from config.errors import RateLimitExceeded

_HIT = """
local count = redis.call('INCR', KEYS[1])
local ttl = redis.call('TTL', KEYS[1])
if ttl < 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
  ttl = tonumber(ARGV[1])
end
return {count, ttl}
"""


@dataclass(frozen=True)
class RateLimitState:
    """A counter after a hit; `reset` is in seconds."""

    limit: int
    count: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.count, 0)


def rate_limit_hit(*, identity: str, endpoint: str) -> RateLimitState:
    """Count a request of `identity` (a user's id or an address) to a named rate.

    Raises RateLimitExceeded when it is over `limits.RATE_LIMITS[endpoint]`.
    """
    limit = limits.RATE_LIMITS[endpoint]
    redis = get_redis_connection("default")
    count, ttl = cast(
        tuple[int, int],
        redis.eval(_HIT, 1, f"ratelimit:{identity}:{endpoint}", limits.RATE_LIMIT_WINDOW),
    )
    if count > limit:
        raise RateLimitExceeded(limit=limit, retry_after=max(ttl, 1))
    return RateLimitState(limit=limit, count=count, reset=ttl)
