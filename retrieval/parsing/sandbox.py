"""Reading a file in a process of its own, which may crash, hang or eat its memory alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.errors import ERRORS_BY_CODE, ParseCrash, ParseError, ParseTimeout
from retrieval.parsing.registry import check_file

PROJECT = Path(__file__).resolve().parents[2]

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


def parse_in_subprocess(
    path: Path, filename: str, *, memory_mb: int, seconds: int, max_bytes: int, max_pages: int
) -> ParsedDocument:
    """The document at `path`, whose user calls it `filename`.

    The process gets at most `memory_mb` MiB of memory and `seconds` seconds, of the clock
    and of the processor. Raises ParseError; a file that is missing, of a type that can't be
    read, empty or over `max_bytes` is refused before anything is started.
    """
    check_file(path, filename, max_bytes=max_bytes)
    request = {
        "path": str(path.resolve()),
        "filename": filename,
        "memory_mb": memory_mb,
        "seconds": seconds,
        "max_bytes": max_bytes,
        "max_pages": max_pages,
    }
    try:
        process = subprocess.run(  # noqa: S603 - this Python, this module, no shell
            [sys.executable, "-m", "retrieval.parsing.worker", json.dumps(request)],
            cwd=PROJECT,
            env=worker_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ParseTimeout(f"The file could not be read within {seconds} seconds") from error
    try:
        answer = json.loads(process.stdout)
    except ValueError as error:
        raise ParseCrash(_last_words(process)) from error
    if "error" in answer:
        kind = ERRORS_BY_CODE.get(answer["error"]["code"], ParseError)
        raise kind(answer["error"]["detail"])
    return ParsedDocument.from_json(answer["document"])


def worker_environment() -> dict[str, str]:
    """What the parsing process sees of ours: no secrets, no addresses of stores."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _last_words(process: subprocess.CompletedProcess[bytes]) -> str:
    if process.returncode < 0:
        return f"The file could not be read: the parser was ended by signal {-process.returncode}"
    lines = process.stderr.decode("utf-8", "replace").strip().splitlines()
    why = lines[-1] if lines else f"exit code {process.returncode}"
    return f"The file could not be read: the parser failed ({why})"
