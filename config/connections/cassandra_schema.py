"""What Cassandra needs before its stores can be used: a keyspace and tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from config import limits
from config.connections.cassandra import CassandraConnection
from config.errors import StoreUnavailable
from config.stores import SchemaObject

_KEYSPACE = """
    SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = %s
"""
_TABLE = """
    SELECT default_time_to_live FROM system_schema.tables
    WHERE keyspace_name = %s AND table_name = %s
"""
_COLUMNS = """
    SELECT column_name, type, kind, position, clustering_order FROM system_schema.columns
    WHERE keyspace_name = %s AND table_name = %s
"""


@dataclass(frozen=True)
class Table:
    """A table as CQL defines it; `clustering` maps a column to ASC or DESC.

    `ttl` is how many seconds a row lives, 0 for ever.
    """

    name: str
    columns: Mapping[str, str]
    partition: tuple[str, ...]
    clustering: Mapping[str, str]
    ttl: int = 0

    def __str__(self) -> str:
        """What follows CREATE TABLE and the name, the key's columns first, others by name."""
        keys = [*self.partition, *self.clustering]
        names = [*keys, *sorted(set(self.columns) - set(keys))]
        columns = ", ".join(f"{name} {self.columns[name]}" for name in names)
        key = ", ".join([f"({', '.join(self.partition)})", *self.clustering])
        order = ", ".join(f"{name} {direction}" for name, direction in self.clustering.items())
        return (
            f"({columns}, PRIMARY KEY ({key})) WITH CLUSTERING ORDER BY ({order})"
            f" AND default_time_to_live = {self.ttl}"
        )


def keyspace_object(
    connection: CassandraConnection, replication: Mapping[str, str]
) -> SchemaObject:
    """The connection's keyspace. How many copies there are is an operator's to change."""
    name, options = connection.keyspace, _options(replication, durable=True)
    return SchemaObject(
        name=f"keyspace {name}",
        expected=options,
        find=partial(_found_keyspace, connection),
        create=partial(_define, connection, f"CREATE KEYSPACE IF NOT EXISTS {name} {options}"),
    )


def table_object(connection: CassandraConnection, table: Table) -> SchemaObject:
    """A table of the connection's keyspace."""
    name = f"{connection.keyspace}.{table.name}"
    return SchemaObject(
        name=f"table {name}",
        expected=str(table),
        find=partial(_found_table, connection, table.name),
        create=partial(_define, connection, f"CREATE TABLE IF NOT EXISTS {name} {table}"),
    )


def _options(replication: Mapping[str, str], *, durable: bool) -> str:
    # The server adds its package to the class.
    strategy = replication["class"].rpartition(".")[2]
    copies = sorted(item for item in replication.items() if item[0] != "class")
    parts = ", ".join(f"'{key}': '{value}'" for key, value in [("class", strategy), *copies])
    return f"WITH replication = {{{parts}}} AND durable_writes = {str(durable).lower()}"


def _found_keyspace(connection: CassandraConnection) -> str | None:
    with connection.available():
        row = connection.client.execute(_KEYSPACE, [connection.keyspace]).one()
    return None if row is None else _options(row[0], durable=row[1])


def _found_table(connection: CassandraConnection, name: str) -> str | None:
    where = [connection.keyspace, name]
    with connection.available():
        row = connection.client.execute(_TABLE, where).one()
        columns = sorted(connection.client.execute(_COLUMNS, where), key=lambda column: column[3])
    if row is None:
        return None
    found = Table(
        name=name,
        columns={
            column: f"{kind} static" if role == "static" else kind
            for column, kind, role, _, _ in columns
        },
        partition=tuple(column for column, _, role, _, _ in columns if role == "partition_key"),
        clustering={
            column: order.upper() for column, _, role, _, order in columns if role == "clustering"
        },
        ttl=row[0],
    )
    return str(found)


def _define(connection: CassandraConnection, cql: str) -> None:
    """Change the schema, and wait until all nodes know."""
    with connection.available():
        result = connection.client.execute(cql, timeout=limits.CASSANDRA_SCHEMA_TIMEOUT)
    if not result.response_future.is_schema_agreed:
        raise StoreUnavailable("the nodes of Cassandra do not agree on the schema yet: try again")
