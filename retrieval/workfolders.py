"""Folders for what is unpacked: each goes when it is left, or after a kill, a day later."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_PREFIX = "lectern-archive-"
_LEFT_BEHIND = 24 * 60 * 60  # seconds


@contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder that is deleted at the end. What killed processes left is deleted first."""
    _sweep()
    with TemporaryDirectory(prefix=_PREFIX) as name, _held(Path(name)):
        yield Path(name)


def _sweep() -> None:
    for folder in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another process's, or gone meanwhile
            found = folder.lstat()
            old = found.st_mtime < time.time() - _LEFT_BEHIND
            if old and found.st_uid == os.getuid():
                with _held(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process. OSError if another has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
