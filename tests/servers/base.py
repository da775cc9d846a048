"""What the servers have in common: a folder of their own, with the port they once got."""

import signal
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import psutil

from config.embedded import files, ports, processes
from config.embedded.errors import EmbeddedError
from config.embedded.privileges import Account
from config.embedded.server import PortTaken, Server

PORT_RANGE = 800
PORT_ATTEMPTS = 5


@dataclass(frozen=True)
class Lasting(Account):
    """An account whose servers outlive the process that starts them."""

    def command(
        self, argv: Sequence[str | Path], *, die_with_parent: signal.Signals | None = None
    ) -> list[str]:
        return super().command(argv)


@dataclass(frozen=True)
class Bound(Account):
    """An account whose servers are killed with their parent, also while they are paused."""

    def command(
        self, argv: Sequence[str | Path], *, die_with_parent: signal.Signals | None = None
    ) -> list[str]:
        return super().command(argv, die_with_parent=signal.SIGKILL)


def own_account(*, lasting: bool) -> Account:
    """The present user, for a server that has no objection to root."""
    return Lasting() if lasting else Bound()


class OwnServer(Server):
    """A server with a folder of its own; `start` needs no port."""

    title: ClassVar[str]  # as operators name it: `--only TITLE`
    first_port: ClassVar[int]  # where the search for a free one begins
    lasting: bool

    @staticmethod
    @abstractmethod
    def install() -> None:
        """Install what is missing; raises Missing where that can't be done."""

    @property
    @abstractmethod
    def environ(self) -> dict[str, str]:
        """The variable with the server's address."""

    @abstractmethod
    def version(self) -> str:
        """The server's version; empty while that is not known."""

    def start(self, port: int = 0) -> None:
        """Start and wait until it serves, on the port it had before (or `port`). Idempotent.

        Where another program took that port meanwhile, the server gets the next free one.
        """
        if self.pid is not None or (self.lasting and self.serves()):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.end_leftovers()  # they would hold the port
        first = port or self._known_port() or self._usual_port()
        for _ in range(PORT_ATTEMPTS):
            free = ports.free_port(first)
            files.write_private(self._port_file, f"{free}\n")
            try:
                super().start(free)
            except PortTaken:
                first = free + 1
                continue
            return
        raise EmbeddedError(f"{self.name} found no free port in {PORT_ATTEMPTS} attempts")

    def stop(self) -> None:
        self.resume()  # paused, it would hear no signal but SIGKILL
        super().stop()

    def kill(self) -> None:
        """End it as a crash does; `start` brings it back with its data."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Let it hang: it takes connections and never answers."""
        self._signal(signal.SIGSTOP)
        # On a busy machine its threads still answer for a moment.
        processes.wait_until(self._stands_still, timeout=5)

    def resume(self) -> None:
        """Let it go on; harmless if it is not paused."""
        self._signal(signal.SIGCONT)

    def serves(self) -> bool:
        """Whether it runs, whoever has started it, and answers."""
        self.port = self.port or self._known_port()
        return self.running() is not None and self.answers()

    def running(self) -> int | None:
        """The process id, whoever has started it."""
        processes_here = processes.working_in(self.data, self.binary_names)
        found = {process.pid: process for process in processes_here}
        # PostgreSQL has children that work in the same folder.
        return next((pid for pid, one in found.items() if _parent(one) not in found), None)

    def end(self) -> None:
        """End it, whoever has started it."""
        self.end_leftovers()

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _stands_still(self) -> bool:
        threads = Path(f"/proc/{self.pid}/task").glob("*/stat")
        return all(thread.read_text().rpartition(")")[2].split()[0] == "T" for thread in threads)

    def _known_port(self) -> int:
        return int(self._port_file.read_text()) if self._port_file.exists() else 0

    def _usual_port(self) -> int:
        return self.first_port + crc32(bytes(self.folder)) % PORT_RANGE


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.Error:  # it has ended
        return None
