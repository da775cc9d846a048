"""Working one step ahead of the consumer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """The items; the next one is made in a thread while the consumer has the current one.

    An error of `items` is raised where its item would have come.
    """
    end = object()

    def following() -> object:
        return next(items, end)

    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(following)
        while (item := coming.result()) is not end:
            coming = thread.submit(following)
            yield item  # type: ignore[misc]
