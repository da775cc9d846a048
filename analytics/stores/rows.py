"""What the embedded engines of this app share."""

from collections.abc import Sequence

from django.db import connection

from config.connections.postgresql import postgres_available


def execute(
    sql: str, arrays: Sequence[Sequence[object]], *, returning: bool = False
) -> list[object]:
    """Run one statement over rows given as columns; its first returned column.

    The ORM can't say `INSERT ... ON CONFLICT ... RETURNING` or `n = n + excluded.n`.
    """
    with postgres_available(), connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in arrays])
        return [row[0] for row in cursor.fetchall()] if returning else []
