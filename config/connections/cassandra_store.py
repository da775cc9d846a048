"""What the engines on Cassandra share: a store whose records are the rows of one table."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from cassandra import ConsistencyLevel
from cassandra.query import BoundStatement
from django.core.exceptions import ImproperlyConfigured

from config.connections.cassandra import CassandraConnection
from config.connections.cassandra_schema import Table, keyspace_object, table_object
from config.connections.urls import cassandra_replication
from config.store_settings import CONSISTENCIES
from config.stores import Page, Record, SchemaObject, Store

_ALL = "SELECT {columns} FROM {table}"


class CassandraStore(Store[Record]):
    """A table in the cluster of `url`.

    `replication` counts where the keyspace is made; `consistency` says how many copies must
    answer.
    """

    engine = "cassandra"
    table: ClassVar[Table]

    def __init__(
        self, *, url: str, replication: str = "1", consistency: str = "LOCAL_QUORUM", **options: str
    ) -> None:
        super().__init__(url=url, replication=replication, consistency=consistency, **options)
        self._connection = CassandraConnection.to(url)
        if consistency not in CONSISTENCIES:
            raise ImproperlyConfigured(f"CASSANDRA_CONSISTENCY is wrong: {consistency!r}")
        self._consistency: int = ConsistencyLevel.name_to_value[consistency]
        try:
            self._replication = cassandra_replication(replication, self._connection.datacenter)
        except ValueError as error:
            raise ImproperlyConfigured(f"CASSANDRA_REPLICATION is wrong: {error}") from None
        self._names = {
            "table": f"{self._connection.keyspace}.{self.table.name}",
            "columns": ", ".join(self.table.columns),
        }

    @property
    def connection(self) -> CassandraConnection:
        return self._connection

    def schema(self) -> list[SchemaObject]:
        return [
            keyspace_object(self._connection, self._replication),
            table_object(self._connection, self.table),
        ]

    def scan(self, *, after: str | None = None, limit: int) -> Page[Record]:
        rows, rest = self._connection.page(self._bind(_ALL), after=after, size=limit)
        return Page([self._record(row) for row in rows], rest)

    @abstractmethod
    def _record(self, row: Sequence[Any]) -> Record:
        """The record of a row, which has the table's columns in their order."""

    def _bind(self, cql: str, *values: object) -> BoundStatement:
        """A statement with its values; {table} and {columns} in it are this store's."""
        return self._connection.bind(cql.format_map(self._names), values, self._consistency)
