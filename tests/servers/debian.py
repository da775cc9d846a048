"""Debian's packages: what is missing is installed, by root only."""

import functools
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.embedded.errors import EmbeddedError
from tests.servers.commands import run
from tests.servers.errors import Missing

# Asked by the packages whether their services may start; 101 is no.
POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE = "#!/bin/sh\nexit 101\n"
APT = ("apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=600")

# apt-get fails where another holds its lock while it reads the lists.
_turn = threading.Lock()


def ensure(packages: Mapping[str, object]) -> None:
    """Install the packages whose value (what was found of them) is false."""
    missing = [name for name, found in packages.items() if not found]
    if not missing:
        return
    if os.geteuid() != 0:
        raise Missing(f"missing: {' '.join(missing)} (only root can install them)")
    with _turn, _no_services():
        _update()
        run([*APT, "install", "--no-install-recommends", *missing], environ=_environ())


def mirror() -> str:
    """The address from which this machine gets Debian."""
    with _turn:
        found = _mirrors()
        if not found:
            _update()
            found = _mirrors()
    if not found:
        raise Missing("apt knows no mirror of Debian")
    return found[0]


def _mirrors() -> list[str]:
    targets = run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
    return [line for line in targets.splitlines() if line.endswith("/debian/")]


@functools.cache
def _update() -> None:
    try:
        run([*APT, "update"], environ=_environ())
    except FileNotFoundError:
        raise Missing("there is no apt-get: the servers are installed on Debian only") from None
    except EmbeddedError as error:
        raise EmbeddedError(f"the lists of packages can't be had: {error}") from None


def _environ() -> dict[str, str]:
    return os.environ | {"DEBIAN_FRONTEND": "noninteractive"}


@contextmanager
def _no_services() -> Iterator[None]:
    """Only the programs are wanted: no server of the system starts by being installed."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text(REFUSE)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
