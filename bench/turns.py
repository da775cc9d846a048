"""Two works measured side by side.

They run in turns, so that the noise of the machine meets both, and every other time in reverse
order, so that what slows down or warms up over time does not favour one.
"""

import time
from collections.abc import Callable
from typing import TypeVar

Work = TypeVar("Work")


def in_turn(first: Work, second: Work, count: int) -> tuple[Work, Work]:
    """Both, in the order of the turn `count`."""
    return (first, second) if count % 2 == 0 else (second, first)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
