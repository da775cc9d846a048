"""Both engines together, under one folder, behind one lock."""

import os
import secrets
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zlib import crc32

from config.embedded import binaries, files, ports
from config.embedded.errors import EmbeddedError
from config.embedded.postgres_server import PostgresServer
from config.embedded.privileges import engine_account
from config.embedded.redis_server import RedisServer
from config.embedded.server import PortTaken, Server

POSTGRES, REDIS = "postgres", "redis"
# Where the search for a free port begins: below the ports that systems give to clients, and
# elsewhere for every folder, so that two schools on a machine rarely want the same.
FIRST_PORT = {POSTGRES: 25000, REDIS: 27000}
PORT_RANGE = 2000
PORT_ATTEMPTS = 5
STOPPING = "which is stopping"


class EmbeddedEngines:
    """PostgreSQL and Redis with their data, secrets and logs under `var`.

        with EmbeddedEngines(Path("var")) as engines:
            os.environ |= engines.environ

    `only` names the engines to start; `durable=False` trades safety for speed (tests).
    One process at a time holds a `var`: a second start raises EmbeddedError.
    """

    def __init__(
        self,
        var: Path,
        *,
        only: Collection[str] = (POSTGRES, REDIS),
        durable: bool = True,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.var = var.resolve()
        self._only = [name for name in (POSTGRES, REDIS) if name in only]
        self._durable = durable
        self._say = say
        self._servers: dict[str, Server] = {}
        self._lock = files.Lock(self.var / "lock")

    @property
    def environ(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL of the engines that run."""
        found = {}
        for server in self._servers.values():
            if isinstance(server, PostgresServer):
                found["DATABASE_URL"] = server.url()
            elif isinstance(server, RedisServer):
                found["REDIS_URL"] = server.url()
        return found

    @property
    def pids(self) -> dict[str, int | None]:
        """Process ids by engine, None for one that has died."""
        return {name: server.pid for name, server in self._servers.items()}

    @property
    def holder(self) -> str:
        """Who has the folder, in words."""
        return self._lock.holder()

    def lock(self) -> bool:
        """Take the folder for this process; False if another has it."""
        self.var.mkdir(parents=True, exist_ok=True)
        (self.var / "log").mkdir(mode=0o700, exist_ok=True)
        return self._lock.acquire()

    def start(self) -> None:
        """Start what does not run; raises EmbeddedError with one clear line."""
        if not self.lock():
            raise EmbeddedError(f"{self.var} is in use: already started by {self._lock.holder()}")
        try:
            state = self._state()
            for name in self._only:
                if name not in self._servers:
                    self._start(name, state)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all and give the folder free; harmless if nothing runs."""
        self.announce_stop()
        for name in reversed(list(self._servers)):
            self._servers.pop(name).stop()
        self._lock.release()

    def announce_stop(self) -> None:
        """Let those who wait for the folder know that it will be free soon."""
        self._lock.note(f"process {os.getpid()}, {STOPPING}")

    def revive(self, name: str) -> None:
        """Start an engine that has died, on the port that its clients know."""
        server = self._servers[name]
        try:
            server.start(server.port)
        except PortTaken:
            raise EmbeddedError(f"port {server.port} of {server.name} was taken") from None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self, name: str, state: dict[str, Any]) -> None:
        server = self._server(name, state[name])
        # From an earlier run: it would still hold the port that it is to get again.
        server.end_leftovers()
        remembered = state[name].get("port")
        first = remembered or FIRST_PORT[name] + crc32(bytes(self.var)) % PORT_RANGE
        for _ in range(PORT_ATTEMPTS):
            port = ports.free_port(first, avoid=self._ports_in(state, but=name))
            if remembered and port != remembered:
                self._say(f"port {remembered} is taken: {server.name} uses {port}")
            if port != remembered:
                state[name]["port"] = remembered = port
                files.write_json(self.var / "engines.json", state)
            try:
                server.start(port)
            except PortTaken:
                first = port + 1
                continue
            self._servers[name] = server
            return
        raise EmbeddedError(f"{server.name} found no free port in {PORT_ATTEMPTS} attempts")

    def _server(self, name: str, known: dict[str, Any]) -> Server:
        folder = self.var / name
        account = engine_account(binaries.postgres_bin(), folder)
        if name == POSTGRES:
            return PostgresServer(
                folder,
                self.var / "log" / "postgresql.log",
                account,
                password=known["password"],
                superuser_password=known["superuser_password"],
                durable=self._durable,
            )
        return RedisServer(
            folder,
            self.var / "log" / "redis.log",
            account,
            password=known["password"],
            durable=self._durable,
        )

    def _state(self) -> dict[str, Any]:
        """Ports and passwords: made once, kept in engines.json before they are used."""
        path = self.var / "engines.json"
        state = files.read_json(path)
        if not state:
            if (self.var / POSTGRES / "data").exists():
                raise EmbeddedError(
                    f"{path} with the passwords is gone, but {self.var / POSTGRES} is there: "
                    "restore it, or move that folder away to begin anew"
                )
            state = {
                POSTGRES: {
                    "password": secrets.token_hex(24),
                    "superuser_password": secrets.token_hex(24),
                },
                REDIS: {"password": secrets.token_hex(24)},
            }
            files.write_json(path, state)
        return state

    def _ports_in(self, state: dict[str, Any], *, but: str) -> frozenset[int]:
        return frozenset(
            state[name]["port"] for name in state if name != but and "port" in state[name]
        )
