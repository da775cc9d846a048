"""A line for every step with its seconds; servers that are made side by side share the output."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 46


def say(line: str) -> None:
    """One line, written at once: other threads write too."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def step(title: str, *, slow: bool = False) -> Iterator[None]:
    """Say what was done and how long it took; a slow step is announced before."""
    if slow:
        say(f"  {title} …")
    started = time.monotonic()
    yield
    say(f"  {title:<{WIDTH}}{time.monotonic() - started:6.1f} s")
