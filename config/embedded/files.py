"""Small files that must never be seen half written, nor by others."""

import fcntl
import json
import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from config.embedded.errors import EmbeddedError

LOG_LIMIT = 10_000_000  # bytes


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file of mode 0600, all or nothing, also across a crash."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; `{}` if the file is not there."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise EmbeddedError(f"{path} is damaged ({error}): restore or remove it") from None
    if not isinstance(content, dict):
        raise EmbeddedError(f"{path} is damaged (not an object): restore or remove it")
    return content


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write what `read_json` reads."""
    write_private(path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log; an empty string if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def open_log(path: Path) -> BinaryIO:
    """A log to append to; one that has grown too long is put aside first."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab", buffering=0)


class Lock:
    """An exclusive lock on a folder; the kernel frees it when its holder dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self) -> bool:
        """False if another process holds it."""
        if self._handle is not None:
            return True
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        self.note(f"process {os.getpid()}")
        return True

    def note(self, text: str) -> None:
        """Leave a line for those who find the lock held; harmless if not held."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, text.encode(), 0)

    def holder(self) -> str:
        """What the holder has left in the file: its process id, and whether it is stopping."""
        return self.path.read_text(encoding="utf-8") or "another process"

    def release(self) -> None:
        """Let go; harmless if not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
