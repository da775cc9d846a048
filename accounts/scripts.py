"""Lua scripts on Redis: known by their SHA-1, sent whole only to a server that lacks them."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha1
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from config import limits
from config.connections.redis import MeasuredPool


class Script:
    """An atomic change of one or more keys, one round trip a call.

    redis-py's own Script needs a client to be made, and one for each server.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._sha = sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, redis: Redis, keys: Sequence[str], *args: str | bytes | int | float) -> Any:
        """Run it; raises RedisError. A server that was restarted gets the text again."""
        try:
            return redis.evalsha(self._sha, len(keys), *keys, *args)
        except NoScriptError:
            return redis.eval(self._text, len(keys), *keys, *args)


def impatient_redis() -> Redis:
    """The Redis of the settings for what must not wait when it hangs.

    Answers within RATE_LIMIT_TIMEOUT or raises RedisError; tries nothing twice, since a try
    that got no answer may have been counted.
    """
    return _impatient(str(settings.CACHES["default"]["LOCATION"]))


@lru_cache(maxsize=8)  # one in a process; tests point the settings to others
def _impatient(url: str) -> Redis:
    pool = MeasuredPool.from_url(
        url,
        max_connections=limits.REDIS_MAX_CONNECTIONS,
        timeout=limits.RATE_LIMIT_TIMEOUT,
        socket_timeout=limits.RATE_LIMIT_TIMEOUT,
        socket_connect_timeout=limits.RATE_LIMIT_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis(connection_pool=pool)
