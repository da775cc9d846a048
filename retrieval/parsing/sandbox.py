"""Reading files in a process of its own, which may crash, hang or eat its memory alone."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import TracebackType
from typing import Self

from config import limits
from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.errors import ERRORS_BY_CODE, ParseCrash, ParseError, ParseTimeout
from retrieval.parsing.registry import check_file

PROJECT = Path(__file__).resolve().parents[2]

# What the parsing process sees of the environment: no secrets, no addresses of stores.
_PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR"),
    *("OCR_LANGUAGES", "TESSDATA_PREFIX"),
)

# The process limits itself; this much later it is taken for hung.
_GRACE_SECONDS = 10

# After so many files a new process takes over: libraries rarely give all memory back.
_FILES_PER_PROCESS = 200


class ParserProcess:
    """A process that reads one file after another, each within the limits.

        with ParserProcess(memory_mb=…, seconds=…, max_bytes=…, max_pages=…) as parser:
            document = parser.parse(path, "chapter1.pdf")

    A file gets at most `memory_mb` MiB of memory and `seconds` seconds of the clock; where
    pages are pictures, for reading these (`ocr_pages` of them) `ocr_page_seconds` each and
    `ocr_seconds` in all besides. Its text has at most `max_characters`. The process is
    started at the first file, and again after one that it did not survive; what it has
    started itself ends with it.
    """

    def __init__(
        self,
        *,
        memory_mb: int,
        seconds: int,
        max_bytes: int,
        max_pages: int,
        max_characters: int = limits.DOCUMENT_MAX_CHARACTERS,
        ocr_pages: int = limits.OCR_MAX_PAGES,
        ocr_page_seconds: int = limits.OCR_PAGE_SECONDS,
        ocr_seconds: int = limits.OCR_SECONDS,
    ) -> None:
        self._limits = {
            "memory_mb": memory_mb,
            "seconds": seconds,
            "max_bytes": max_bytes,
            "max_pages": max_pages,
            "max_characters": max_characters,
            "ocr_pages": ocr_pages,
            "ocr_page_seconds": ocr_page_seconds,
            "ocr_seconds": ocr_seconds,
        }
        # The process limits itself, and knows how much it has to read; this is for one that hangs.
        self._patience = seconds + min(ocr_pages * ocr_page_seconds, ocr_seconds) + _GRACE_SECONDS
        self._process: subprocess.Popen[str] | None = None
        self._files = 0

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        """The document at `path`, whose user calls it `filename`.

        Raises ParseError; a file that is missing, of a type that can't be read, empty or
        too large is refused before it is opened.
        """
        check_file(path, filename, max_bytes=self._limits["max_bytes"], internal=True)
        answer = self._ask(json.dumps({"path": str(path.resolve()), "filename": filename}))
        if "error" not in answer:
            return ParsedDocument.from_json(answer["document"])
        kind = ERRORS_BY_CODE.get(answer["error"]["code"], ParseError)
        if kind is ParseCrash:
            self.close()  # it was out of memory, and may still be
        raise kind(answer["error"]["detail"])

    def close(self) -> None:
        """End the process; harmless if there is none."""
        if self._process is not None:
            # Its group: also what it has started.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, request: str) -> dict[str, dict[str, str]]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            with DefaultSelector() as selector:
                selector.register(process.stdout, EVENT_READ)
                if not selector.select(self._patience):
                    raise self._timeout()
            answer: dict[str, dict[str, str]] = json.loads(process.stdout.readline())
        except (OSError, ValueError) as error:
            raise self._fate(process) from error
        except BaseException:
            self.close()
            raise
        return answer

    def _fate(self, process: subprocess.Popen[str]) -> ParseError:
        """What the process died of."""
        try:
            code = process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        self.close()
        if code == -signal.SIGALRM:
            return self._timeout()
        why = f"was ended by signal {-code}" if code < 0 else "ran out of memory"
        return ParseCrash(f"The file could not be read: the parser {why}")

    def _timeout(self) -> ParseTimeout:
        return ParseTimeout("The file could not be read in the time that a file may take")

    def _running(self) -> subprocess.Popen[str]:
        self._files += 1
        if self._files > _FILES_PER_PROCESS:
            self.close()
        return self._process or self._start()

    def _start(self) -> subprocess.Popen[str]:
        self._files = 1
        self._process = subprocess.Popen(  # noqa: S603 - this Python, this module, no shell
            [sys.executable, "-m", "retrieval.parsing.worker", json.dumps(self._limits)],
            cwd=PROJECT,
            env=worker_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            process_group=0,
        )
        return self._process


def worker_environment() -> dict[str, str]:
    """What the parsing process sees of ours: no secrets, no addresses of stores.

    Tesseract gets one core, as everything that reads a file.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"OCR_LANGUAGES": "eng", **passed_on, "OMP_THREAD_LIMIT": "1"}
