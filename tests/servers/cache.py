"""Installed servers: one folder per name and version, shared by all projects of this user."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.errors import Missing


def root() -> Path:
    """The folder of all that is installed."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lectern-servers"


def find(name: str) -> Path:
    """The folder of something installed; raises Missing."""
    folder = root() / name
    if not folder.is_dir():
        raise Missing(f"{name} is not installed: run 'make engines'")
    return folder


def install(name: str, make: Callable[[Path, Path], None]) -> None:
    """Let `make` fill the folder `name` of the cache, unless it is there; all or nothing.

    `make` gets the folder to fill and the path that it will have. A folder is renamed into
    its place when it is complete: what was cut short is made anew.
    """
    final = root() / name
    if final.is_dir():
        return
    root().mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(root() / f".{name}.lock"):
        if final.is_dir():  # made while this one waited
            return
        new = root() / f".{name}.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        make(new, final)
        new.rename(final)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
