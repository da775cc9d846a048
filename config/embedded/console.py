"""What the launcher says: a line per step with its time, on a terminal also while it runs."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INDENT = "  "
WIDTH = 34


class Console:
    """Lines on standard output; a closed terminal is no reason to fail."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._open: str | None = None  # the step that runs
        self._held: list[str] = []  # what was said meanwhile

    def say(self, line: str) -> None:
        """A line of its own, after the running step if there is one."""
        if self._open is None:
            self._write(f"{line}\n")
        else:
            self._held.append(line)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show `title`, and the seconds it took once it is done."""
        started = time.monotonic()
        self._open = title
        self._write(f"{INDENT}{title:<{WIDTH}}")
        outcome = "failed"
        try:
            yield
            outcome = f"{time.monotonic() - started:5.1f} s"
        finally:
            self._open = None
            self._write(
                f"\r\033[K{INDENT}{title:<{WIDTH}}{outcome}\n" if self._terminal else f"{outcome}\n"
            )
            for line in self._held:
                self.say(f"{INDENT}{INDENT}{line}")
            self._held = []

    def during(self, detail: str) -> None:
        """What the running step does now; only a terminal shows it."""
        if self._terminal and self._open is not None:
            self._write(f"\r\033[K{INDENT}{self._open:<{WIDTH}}{detail[:60]}")

    def _write(self, text: str) -> None:
        with suppress(OSError):
            sys.stdout.write(text)
            sys.stdout.flush()
