"""Debian's Redis."""

import shutil
from pathlib import Path

from config.embedded.redis_server import RedisServer
from tests.servers import debian, passwords
from tests.servers.base import OwnServer, own_account
from tests.servers.commands import run

BINARY = "redis-server"


class DebianRedis(OwnServer, RedisServer):
    """The embedded Redis' settings on Debian's binary."""

    title = "redis"
    first_port = 24000

    def __init__(self, folder: Path, *, lasting: bool = False) -> None:
        folder = folder.resolve()
        super().__init__(
            folder,
            folder / "server.log",
            own_account(lasting=lasting),
            password=passwords.known_or_new(folder),
            durable=False,
        )
        self.lasting = lasting

    @staticmethod
    def install() -> None:
        debian.ensure({BINARY: shutil.which(BINARY)})

    @property
    def environ(self) -> dict[str, str]:
        return {"REDIS_URL": self.url()}

    def version(self) -> str:
        return run([BINARY, "--version"]).split("v=")[1].split()[0] if shutil.which(BINARY) else ""

    def argv(self) -> list[str | Path]:
        return [BINARY, self._config]

    def prepare(self) -> None:
        passwords.keep(self.folder, self._password)
        super().prepare()
