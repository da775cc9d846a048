"""PostgreSQL, whose connections and pool are Django's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, InterfaceError, OperationalError, connections
from psycopg_pool import PoolTimeout

from config.connections.base import Connection, PoolState
from config.errors import InvalidInput, StoreUnavailable


class PostgresConnection(Connection[str]):
    """Django's connection of an alias of DATABASES; `url` is that alias."""

    engine = "postgresql"
    title = "PostgreSQL"

    @property
    def address(self) -> str:
        found = connections[self.url].settings_dict
        return f"postgres://{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"

    def _open(self) -> str:
        return self.url

    def _shut(self, client: str) -> None:
        """Nothing: Django closes what it has opened."""

    @contextmanager
    def available(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreUnavailable("PostgreSQL is unavailable") from error
        except DataError as error:  # a number or a text that its column can't hold
            raise InvalidInput(str(error).partition("\n")[0]) from error

    def version(self) -> str:
        with self.available(), connections[self.url].cursor() as cursor:
            cursor.execute("SHOW server_version")
            return str(cursor.fetchone()[0]).split()[0]

    def pools(self) -> list[PoolState]:
        pool = getattr(connections[self.url], "_connection_pools", {}).get(self.url)
        if pool is None:
            return []
        stats = pool.get_stats()
        size = stats["pool_size"]
        return [
            PoolState(
                pool=self.url,
                size=size,
                in_use=size - stats["pool_available"],
                limit=stats["pool_max"],
                waiting=stats.get("requests_waiting", 0),
                waits=stats.get("requests_queued", 0),
                wait_seconds=stats.get("requests_wait_ms", 0) / 1000,
            )
        ]


@contextmanager
def postgres_available() -> Iterator[None]:
    """Turn "PostgreSQL is down" into StoreUnavailable."""
    with PostgresConnection.to("default").available():
        yield
