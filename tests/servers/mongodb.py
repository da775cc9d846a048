"""FerretDB: a server that speaks MongoDB's protocol over a PostgreSQL of its own.

MongoDB itself is in no registry that this project may use. TTL indexes expire, unique indexes
hold; transactions are not rolled back.
"""

import os
import shutil
import signal
import socket
from pathlib import Path
from typing import Any, ClassVar

import pymongo
from pymongo.errors import PyMongoError

from config.embedded import ports
from tests.servers import cache
from tests.servers.base import OwnServer, own_account
from tests.servers.commands import run
from tests.servers.documentdb import DocumentDB
from tests.servers.errors import Missing
from tests.servers.progress import step

VERSION = "2.7.0"
BINARY = f"ferretdb-{VERSION}"
SOURCE = f"github.com/FerretDB/FerretDB/v2/cmd/ferretdb@v{VERSION}"
PATIENCE = 5000  # milliseconds


class MongoServer(OwnServer):
    """FerretDB with its state and its PostgreSQL in `folder`; `kill` leaves PostgreSQL alone."""

    name = "FerretDB"
    title = "mongodb"
    first_port = 21000
    binary_names: ClassVar[tuple[str, ...]] = ("ferretdb",)
    stop_steps = ((signal.SIGTERM, 10.0),)

    def __init__(self, folder: Path, *, lasting: bool = False) -> None:
        folder = folder.resolve()
        super().__init__(folder, folder / "server.log", own_account(lasting=lasting), durable=False)
        self.lasting = lasting
        self.postgres = DocumentDB(folder / "postgres", lasting=lasting)

    @staticmethod
    def install() -> None:
        cache.install(BINARY, _build)
        DocumentDB.install()

    @property
    def url(self) -> str:
        """The address with the platform's database."""
        return f"mongodb://{ports.LOOPBACK}:{self.port}/lectern"

    @property
    def environ(self) -> dict[str, str]:
        return {"MONGODB_URL": self.url}

    def version(self) -> str:
        return VERSION

    def argv(self) -> list[str | Path]:
        return [
            *("env", f"--chdir={self.folder}", cache.find(BINARY) / "ferretdb", "--no-auth"),
            f"--postgresql-url={self.postgres.url()}",
            f"--listen-addr={ports.LOOPBACK}:{self.port}",
            f"--state-dir={self.folder}",
            *("--debug-addr=-", "--telemetry=disable", "--log-level=ERROR"),
        ]

    def prepare(self) -> None:
        self.postgres.start()

    def answers(self) -> bool:
        if not _listens(self.port):
            return False
        client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            self.url,
            directConnection=True,
            serverSelectionTimeoutMS=PATIENCE,
            socketTimeoutMS=PATIENCE,
        )
        with client:
            try:
                # A ping would be answered without PostgreSQL.
                client.list_database_names()
            except PyMongoError:
                return False
        return True

    def finish(self) -> None:
        """Nothing: databases and collections are made by their first use."""

    def stop(self) -> None:
        super().stop()
        self.postgres.stop()

    def end(self) -> None:
        super().end()
        self.postgres.end()


def _listens(port: int) -> bool:
    """Sooner known than from the client, which waits before it tries again."""
    try:
        socket.create_connection((ports.LOOPBACK, port), 1).close()
    except OSError:
        return False
    return True


def _build(folder: Path, final: Path) -> None:
    if shutil.which("go") is None:
        raise Missing("there is no Go on the PATH, which builds FerretDB (Debian 12's is too old)")
    with step(f"mongodb: FerretDB {VERSION}", slow=True):
        run(["go", "install", SOURCE], environ=os.environ | {"GOBIN": str(folder)})
