"""What the two engines have in common: a folder, a log, a port, a process of their own."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from config.embedded import files, ports, processes
from config.embedded.errors import EmbeddedError
from config.embedded.privileges import Account

START_TIMEOUT = 120.0  # seconds; recovery after a crash may have much to read
START_ATTEMPTS = 6  # the first ones after a kill -9 may find the old processes
RETRY_PAUSE = 0.5  # seconds


class PortTaken(Exception):
    """Another program listens on the engine's port."""


class Server(ABC):
    """A server that listens on 127.0.0.1:`port` and keeps its data in `folder`."""

    name: ClassVar[str]
    binary_names: ClassVar[tuple[str, ...]]
    stop_steps: ClassVar[tuple[tuple[int, float], ...]]

    def __init__(self, folder: Path, log: Path, account: Account, *, durable: bool) -> None:
        self.folder = folder
        self.log = log
        self.account = account
        self.durable = durable
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The server's working folder."""
        return self.folder

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @abstractmethod
    def argv(self) -> list[str | Path]:
        """The command that runs the server in the foreground."""

    @abstractmethod
    def prepare(self) -> None:
        """Write what the server needs before it starts (idempotent)."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server takes our password and serves."""

    @abstractmethod
    def finish(self) -> None:
        """What can only be done on a running server (idempotent)."""

    def end_leftovers(self) -> None:
        """End what an earlier run has left of this server."""
        processes.end(processes.working_in(self.data, self.binary_names), patience=10)

    def start(self, port: int) -> None:
        """Start and wait until it serves; raises PortTaken or EmbeddedError. Idempotent.

        The server ends with the thread that called this (so Linux defines a parent's death):
        call it from one that lives as long.
        """
        if self.pid is not None:
            return
        self.port = port
        for attempt in range(START_ATTEMPTS):
            if attempt:
                time.sleep(RETRY_PAUSE)
            self.end_leftovers()
            self.prepare()
            self._spawn()
            if self._wait():
                self.finish()
                return
            if not ports.is_free(port):
                raise PortTaken
        raise EmbeddedError(f"{self.name} does not start:\n{files.tail(self.log)}")

    def stop(self) -> None:
        """Stop cleanly, forcibly if that takes too long; harmless if it does not run."""
        if self._process is not None:
            processes.stop_child(self._process, self.stop_steps)
            self._process = None

    def _spawn(self) -> None:
        with files.open_log(self.log) as log:
            self._process = subprocess.Popen(
                self.account.command(self.argv(), die_with_parent=signal.SIGINT),
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal is for the launcher, which stops the engines last.
                start_new_session=True,
            )

    def _wait(self) -> bool:
        """True when the server answers, False when its process has ended."""
        assert self._process is not None
        process = self._process
        if not processes.wait_until(
            lambda: process.poll() is not None or self.answers(), timeout=START_TIMEOUT
        ):
            self.stop()
            raise EmbeddedError(
                f"{self.name} does not answer within {START_TIMEOUT:.0f} s:\n{files.tail(self.log)}"
            )
        return process.poll() is None


# Redis saves and ends on SIGTERM; PostgreSQL on SIGINT, and on SIGQUIT without a checkpoint.
REDIS_STOP = ((signal.SIGTERM, 15.0),)
POSTGRES_STOP = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
