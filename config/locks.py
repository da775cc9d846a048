"""One at a time, over all processes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """A transaction that no other of this name runs beside (a PostgreSQL advisory lock)."""
    with transaction.atomic():
        hold(name)
        yield


def hold(name: str) -> None:
    """Wait until no other transaction holds this name, and keep it to the one under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def hold_all(names: Iterable[str]) -> None:
    """The same for each of these, in their order, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS given(name, place) ORDER BY place",
            [list(names)],
        )


@contextmanager
def if_free(name: str) -> Iterator[bool]:
    """Whether nobody else is at this name; nobody else is until the block ends.

    The lock belongs to the database session, so it ends with the process that held it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
