"""What the embedded engines share: stores whose records are rows of Django models."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from config.connections.postgresql import PostgresConnection
from config.errors import Conflict
from config.stores import Record, SchemaObject, Store

_POSTGRES = PostgresConnection.to(DEFAULT_DB_ALIAS)

_COLUMNS = """
    SELECT string_agg(attname, ', ' ORDER BY attname) FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""


class TableStore(Store[Record]):
    """An engine whose tables come with the migrations."""

    engine = "postgresql"
    models: ClassVar[Sequence[type[models.Model]]]

    @property
    def connection(self) -> PostgresConnection:
        return PostgresConnection.to("default")

    def schema(self) -> list[SchemaObject]:
        return [
            SchemaObject(
                name=f"table {table}",
                expected=", ".join(sorted(_column_names(model))),
                find=partial(_columns, table),
                create=partial(_missing, table),
            )
            for model in self.models
            for table in [model._meta.db_table]
        ]

    def estimate(self) -> int | None:
        with self.connection.available():
            return self.models[0]._default_manager.count()

    def close(self) -> None:
        """Nothing: its connections are Django's."""


def fetch(
    sql: str, values: Sequence[object] = (), *, prepare: bool = True
) -> list[tuple[Any, ...]]:
    """The rows of a statement, which is run on Django's connection and in its transaction.

    For a short read the ORM takes three times as long as the server. Here the driver's own
    cursor sends the values beside the statement, which the server therefore parses and plans
    once in a connection, and the answer is binary: JSON and moments are Python's at once.

    `prepare=False` where the best plan depends on the values.
    """
    django = connections[DEFAULT_DB_ALIAS]
    with _POSTGRES.available(), django.wrap_database_errors:
        return _cursor(django, sql).execute(sql, values, prepare=prepare, binary=True).fetchall()


def run(sql: str, values: Sequence[object] = ()) -> None:
    """Run a statement that gives no rows, in the same way."""
    django = connections[DEFAULT_DB_ALIAS]
    with _POSTGRES.available(), django.wrap_database_errors:
        _cursor(django, sql).execute(sql, values, prepare=True)


def copy_in(
    table: str, columns: str, types: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """COPY rows into a table; how many. Binary, because text is slow to make and to read."""
    count = 0
    statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
    with _POSTGRES.available(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def columns_of(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """Rows as a statement with `unnest` takes them: an array for each column."""
    return [list(column) for column in zip(*rows, strict=True)]


def _cursor(django: BaseDatabaseWrapper, sql: str) -> psycopg.Cursor[tuple[Any, ...]]:
    """As Django's cursors come to be, but the driver's own."""
    django.close_if_health_check_failed()
    django.ensure_connection()
    django.validate_no_broken_transaction()
    if django.queries_logged:  # tests count statements
        django.queries_log.append({"sql": sql, "time": ""})
    return psycopg.Cursor(django.connection)


def _column_names(model: type[models.Model]) -> list[str]:
    # A composite primary key is a field without a column.
    return [field.column for field in model._meta.concrete_fields if field.column is not None]


def _columns(table: str) -> str | None:
    with PostgresConnection.to("default").available(), connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        found: str | None = cursor.fetchone()[0]
    return found


def _missing(table: str) -> None:
    raise Conflict(f"table {table} is missing: run 'manage.py migrate' first")
