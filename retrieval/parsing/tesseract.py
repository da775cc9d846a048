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

from retrieval.parsing.ocr import Ocr

PROGRAM = "tesseract"
_PR_SET_PDEATHSIG = 1


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


class Reader:
    """Reads the `pages` pictures of one file; its clock starts at once.

    An alarm that is set for this process goes off later by the time that reading may take.
    """

    def __init__(self, ocr: Ocr, pages: int) -> None:
        self._ocr = ocr
        allowed = min(pages * ocr.page_seconds, ocr.seconds)
        self._end = time.monotonic() + allowed
        if left := signal.alarm(0):
            signal.alarm(left + allowed)

    def read(self, picture: bytes, dpi: int) -> str | None:
        """The text of a picture (any format of Leptonica's), its paragraphs apart by empty lines.

        None if it could not be read, or not in the time that is left.
        """
        seconds = min(self._ocr.page_seconds, self._end - time.monotonic())
        program = shutil.which(PROGRAM)
        if seconds <= 0 or program is None:
            return None
        command = [program, "stdin", "stdout", "-l", self._ocr.languages, "--dpi", str(dpi)]
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
