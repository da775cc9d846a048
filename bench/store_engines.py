"""The engines that hold stores, opened for the benchmark and left as they were found.

On a server it works in a database (a keyspace, collections) of its own, and drops it at the end.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from qdrant_client import QdrantClient

from bench.store_cases import cassandra, mongodb, pgvector, postgresql, qdrant
from bench.store_cases.base import Side
from config import limits, store_settings
from config.connections.qdrant import MEMORY
from config.store_settings import StoreConfig
from config.stores import Store, open_store
from tests.servers.running import running_servers

OWN = "lectern_bench"


class StoreEngine(ABC):
    """An engine at `url`."""

    name: ClassVar[str]
    variable: ClassVar[str] = ""  # which gives its address, where it is not embedded

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    @abstractmethod
    def configs(self) -> StoreConfig:
        """The stores that it can hold, as in the settings."""

    @abstractmethod
    def side(self, name: str) -> Side[Any]:
        """The bare driver on the same server, for a store that is prepared."""

    @abstractmethod
    def drop(self) -> None:
        """Remove from the server what was made there."""

    def open(self, name: str) -> Store[Any]:
        """The platform's store, with all that it needs on the server."""
        store = open_store(self.configs[name])
        for _ in store.prepare():
            pass
        return store

    def _any_store(self) -> Store[Any]:
        return open_store(next(iter(self.configs.values())))


class EmbeddedPostgresql(StoreEngine):
    """The PostgreSQL of this run; it ends with its folder."""

    name = "postgresql"

    @property
    def configs(self) -> StoreConfig:
        return store_settings.EMBEDDED

    def side(self, name: str) -> Side[Any]:
        sides = {**postgresql.SIDES, **pgvector.SIDES}
        return sides[name](os.environ["DATABASE_URL"])

    def drop(self) -> None:
        """Nothing."""


class Mongodb(StoreEngine):
    """A database of our own."""

    name = "mongodb"
    variable = "MONGODB_URL"

    def __init__(self, url: str) -> None:
        super().__init__(_own_path(url))

    @property
    def configs(self) -> StoreConfig:
        return store_settings.mongodb_stores(self.url)

    def side(self, name: str) -> Side[Any]:
        return mongodb.SIDES[name](self.url)

    def drop(self) -> None:
        connection: Any = self._any_store().connection
        with connection.available():
            connection.client.drop_database(connection.name)


class Cassandra(StoreEngine):
    """A keyspace of our own."""

    name = "cassandra"
    variable = "CASSANDRA_URL"

    def __init__(self, url: str) -> None:
        super().__init__(_own_path(url))

    @property
    def configs(self) -> StoreConfig:
        return store_settings.cassandra_stores(self.url)

    def side(self, name: str) -> Side[Any]:
        return cassandra.SIDES[name](self.url)

    def drop(self) -> None:
        connection: Any = self._any_store().connection
        with connection.available():
            connection.client.execute(
                f"DROP KEYSPACE IF EXISTS {connection.keyspace}",
                timeout=limits.CASSANDRA_SCHEMA_TIMEOUT,
            )


class Qdrant(StoreEngine):
    """Collections of our own, or the client's local mode, which is one client's."""

    name = "qdrant"
    variable = "QDRANT_URL"
    _prefix = f"{OWN}_"

    @property
    def configs(self) -> StoreConfig:
        key = os.environ.get("QDRANT_API_KEY", "")
        found = store_settings.qdrant_stores(self.url, api_key=key)
        for config in found.values():
            config["OPTIONS"]["prefix"] = self._prefix
        return found

    def side(self, name: str) -> Side[Any]:
        if self.url == MEMORY:
            connection: Any = self._any_store().connection
            return qdrant.SIDES[name](connection.client, self._prefix)
        key = os.environ.get("QDRANT_API_KEY") or None
        client = QdrantClient(url=self.url, api_key=key, timeout=limits.QDRANT_TIMEOUT)
        return qdrant.SIDES[name](client, self._prefix)

    def drop(self) -> None:
        connection: Any = self._any_store().connection
        with connection.using() as client:
            for name in self.configs:
                client.delete_collection(self._prefix + name)


_KINDS: tuple[type[StoreEngine], ...] = (EmbeddedPostgresql, Mongodb, Cassandra, Qdrant)
ENGINES = {kind.name: kind for kind in _KINDS}


def take_addresses() -> dict[str, str]:
    """The engines that can be opened, and where: of the environment, else of `make engines`.

    They are taken out of the environment: the platform of this run is the embedded one, and
    must not prepare anything there.
    """
    running = running_servers()
    found = {}
    for name, kind in ENGINES.items():
        url = os.environ.pop(kind.variable, "") or running.get(kind.variable, "")
        if kind is Qdrant:
            url = url or MEMORY
        if url or not kind.variable:
            found[name] = url
    return found


@contextmanager
def opened_engine(name: str, url: str) -> Iterator[StoreEngine]:
    """An engine that is empty at the beginning and at the end."""
    engine = ENGINES[name](url)
    engine.drop()  # what an interrupted run has left
    try:
        yield engine
    finally:
        engine.drop()


def _own_path(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{OWN}"))
