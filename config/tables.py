"""What the embedded engines share: stores whose records are rows of Django models."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from django.db import connection, models

from config.connections.postgresql import PostgresConnection
from config.errors import Conflict
from config.stores import Record, SchemaObject, Store

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
