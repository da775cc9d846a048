"""What the embedded engines of this app share: rows of PostgreSQL tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

from django.db import InterfaceError, OperationalError, connection, models

from config.errors import StoreUnavailable
from config.stores import Store


class OrmStore(Store):
    """An engine whose rows are a Django model's; its table comes with the migrations."""

    engine = "postgresql"
    model: ClassVar[type[models.Model]]

    def prepare(self) -> Iterator[str]:
        yield f"table {self.model._meta.db_table} (by migrations)"

    def purge(self, now: datetime) -> int:
        """Nothing: these rows are kept. Stores with a retention override this."""
        return 0


@contextmanager
def available() -> Iterator[None]:
    """Turn the driver's "it is down" into StoreUnavailable."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable("PostgreSQL is unavailable") from error


def execute(
    sql: str, arrays: Sequence[Sequence[object]], *, returning: bool = False
) -> list[object]:
    """Run one statement over rows given as columns; its first returned column.

    The ORM can't say `INSERT ... ON CONFLICT ... RETURNING` or `n = n + excluded.n`.
    """
    with available(), connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in arrays])
        return [row[0] for row in cursor.fetchall()] if returning else []
