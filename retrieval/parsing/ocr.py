"""Pictures of text into text, by Tesseract where it is installed.

The program is started here rather than by pytesseract, which leaves files with the pages
behind when it is killed, and a program that reads on.
"""

import ctypes
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PROGRAM = "tesseract"
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Ocr:
    """How pictures are read.

    `languages` are Tesseract's names, joined by "+". Of one file at most `max_pages` are
    read, each within `page_seconds`, all within `seconds`.
    """

    languages: str
    max_pages: int
    page_seconds: int
    seconds: int
    _end: float = field(default=0.0, init=False)

    @property
    def installed(self) -> bool:
        return shutil.which(PROGRAM) is not None

    def begin(self, pages: int) -> None:
        """Start the clock for so many pages.

        An alarm that is set for this process goes off later by the time they may take.
        """
        allowed = min(pages * self.page_seconds, self.seconds)
        self._end = time.monotonic() + allowed
        if left := signal.alarm(0):
            signal.alarm(left + allowed)

    def read(self, picture: bytes, dpi: int) -> str | None:
        """The text of a picture (any format of Leptonica's), its paragraphs apart by empty lines.

        None if it could not be read, or not in the time that is left.
        """
        seconds = min(self.page_seconds, self._end - time.monotonic())
        program = shutil.which(PROGRAM)
        if seconds <= 0 or program is None:
            return None
        command = [program, "stdin", "stdout", "-l", self.languages, "--dpi", str(dpi)]
        try:
            done = subprocess.run(  # noqa: S603 - a program of the path, no shell
                command,
                input=picture,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=True,
                preexec_fn=_die_together,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.decode("utf-8", "replace").replace("\f", "")


def _die_together() -> None:
    """In the new process: end it when ours ends, however that happens."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def page_ranges(pages: list[int]) -> Iterator[str]:
    """1, 3, 4, 5 as "1", "3–5"."""
    start = 0
    for index, page in enumerate(pages):
        if index + 1 == len(pages) or pages[index + 1] != page + 1:
            first = pages[start]
            yield str(first) if first == page else f"{first}–{page}"
            start = index + 1
