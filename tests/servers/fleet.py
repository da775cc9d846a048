"""All servers together: installed and started side by side, ended, looked at."""

import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded import files, processes
from config.embedded.errors import EmbeddedError
from tests.servers.base import OwnServer
from tests.servers.cassandra import CassandraServer
from tests.servers.errors import Missing
from tests.servers.mongodb import MongoServer
from tests.servers.postgresql import DebianPostgres
from tests.servers.progress import say, step
from tests.servers.redis import DebianRedis

# MongoDB first: its installation takes longest.
KINDS: tuple[type[OwnServer], ...] = (MongoServer, CassandraServer, DebianPostgres, DebianRedis)
NAMES = tuple(kind.title for kind in KINDS)
ENV_FILE = "servers.env"
PATIENCE = 1200.0  # seconds for another start, which may install everything


@dataclass(frozen=True)
class State:
    """What `status` says of a server."""

    name: str
    version: str
    port: int
    pid: int | None
    up: bool


class Fleet:
    """The servers below `base`; they outlive the process that starts them."""

    def __init__(self, base: Path) -> None:
        self._base = base

    @property
    def env_file(self) -> Path:
        """The file with the addresses of the servers that run."""
        return self._base / ENV_FILE

    def start(self, names: Collection[str] = NAMES) -> None:
        """Install and start what is missing of `names`; raises Missing or EmbeddedError."""
        with self._one_at_a_time():
            servers = self._servers()
            try:
                _for_each([server for server in servers if server.title in names])
            finally:
                self._write_env(servers)

    def stop(self) -> None:
        """End all of them; their data stay."""
        if not self._base.is_dir():
            return
        with self._one_at_a_time():
            self.env_file.unlink(missing_ok=True)
            with ThreadPoolExecutor(max_workers=len(KINDS)) as pool:
                list(pool.map(lambda server: server.end(), self._servers()))

    def status(self) -> list[State]:
        """What runs, whoever has started it."""
        states = []
        for server in self._servers():
            up = server.serves()
            pid = server.running()
            states.append(State(server.title, server.version(), server.port, pid, up))
        return states

    def _servers(self) -> list[OwnServer]:
        """Under the lock: a server's first start leaves the password that it reads here."""
        return [kind(self._base / kind.title, lasting=True) for kind in KINDS]

    def _write_env(self, servers: list[OwnServer]) -> None:
        lines = [
            f"{key}={value}\n"
            for server in servers
            if server.serves()
            for key, value in server.environ.items()
        ]
        files.write_private(self.env_file, "".join(lines))

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        self._base.mkdir(parents=True, exist_ok=True)
        lock = files.Lock(self._base / "lock")
        if not lock.acquire():
            say(f"waiting for {lock.holder()}, which starts or stops the servers")
            if not processes.wait_until(lock.acquire, timeout=PATIENCE, every=0.2):
                raise EmbeddedError(f"{self._base} is still in use by {lock.holder()}")
        try:
            yield
        finally:
            lock.release()


def _for_each(servers: list[OwnServer]) -> None:
    """Bring all up side by side; what fails is raised when the others are done."""
    with ThreadPoolExecutor(max_workers=len(KINDS)) as pool:
        futures = [pool.submit(_bring_up, server) for server in servers]
    errors = [error for future in futures if (error := future.exception())]
    unforeseen = [error for error in errors if not isinstance(error, EmbeddedError)]
    if unforeseen:
        raise unforeseen[0]
    if errors:
        kind = Missing if all(isinstance(error, Missing) for error in errors) else EmbeddedError
        raise kind("\n".join(str(error) for error in errors))


def _bring_up(server: OwnServer) -> None:
    with step(f"{server.title} is ready"):
        try:
            server.install()
            _start(server)
        except EmbeddedError as error:
            raise type(error)(f"{server.title}: {error}") from None


def _start(server: OwnServer) -> None:
    try:
        server.start()
    except Missing:
        raise
    except EmbeddedError:
        # Without fsync a machine that went down leaves broken data: begin anew.
        server.end()
        shutil.rmtree(server.folder)
        server.start()
