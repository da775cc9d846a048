"""Redis, whose client and pool are those of django-redis."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django_redis import get_redis_connection
from redis.connection import BlockingConnectionPool
from redis.exceptions import RedisError

from config.connections.base import Connection, PoolState
from config.errors import StoreUnavailable


class MeasuredPool(BlockingConnectionPool):
    """Waits for a connection when it is full, as the plain pool does not, and counts the waits."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.waiting = self.waits = 0
        self.wait_seconds = 0.0
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]

    def get_connection(self, *args: Any, **options: Any) -> Any:
        if not self.pool.empty():
            return super().get_connection(*args, **options)  # type: ignore[no-untyped-call]
        started = time.monotonic()
        self.waits += 1
        self.waiting += 1
        try:
            return super().get_connection(*args, **options)  # type: ignore[no-untyped-call]
        finally:
            self.waiting -= 1
            self.wait_seconds += time.monotonic() - started

    def state(self, name: str) -> PoolState:
        """What the pool holds at this moment."""
        idle = sum(1 for connection in list(self.pool.queue) if connection is not None)
        size = len(self._connections)
        return PoolState(
            pool=name,
            size=size,
            in_use=max(size - idle, 0),
            limit=self.max_connections,
            waiting=self.waiting,
            waits=self.waits,
            wait_seconds=self.wait_seconds,
        )


class RedisConnection(Connection[redis.Redis]):
    """Django's cache alias `url`: sessions, limits, chat and proctoring are behind it."""

    engine = "redis"
    title = "Redis"

    @property
    def address(self) -> str:
        parts = urlsplit(str(settings.CACHES[self.url]["LOCATION"]))
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port or 6379}" if host else ""
        return f"{parts.scheme}://{host}{port}{parts.path or '/0'}"

    @property
    def client(self) -> redis.Redis:
        """Django's own client, asked for each time: it knows of forks and of changed settings."""
        return self._open()

    def _open(self) -> redis.Redis:
        return cast(redis.Redis, get_redis_connection(self.url))

    def _shut(self, client: redis.Redis) -> None:
        """Nothing: django-redis closes what it has opened."""

    @contextmanager
    def available(self) -> Iterator[None]:
        try:
            yield
        except RedisError as error:
            raise StoreUnavailable("Redis is unavailable") from error

    def version(self) -> str:
        with self.available():
            return str(self.client.info("server")["redis_version"])

    def pools(self) -> list[PoolState]:
        pool = self.client.connection_pool
        return [pool.state(self.url)] if isinstance(pool, MeasuredPool) else []
