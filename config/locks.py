"""One at a time, over all processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from django.db import connection, transaction


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """A transaction that no other of this name runs beside (a PostgreSQL advisory lock)."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(name.encode())])
        yield
