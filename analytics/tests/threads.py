"""Real concurrency for tests: threads with their own database connections."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
R = TypeVar("R")


def in_threads(work: Callable[[T], R], items: Iterable[T], *, threads: int = 8) -> list[R]:
    """`work` of each item, several at once; an error in one is raised here."""

    def run(item: T) -> R:
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, items))
