"""Debian's PostgreSQL."""

from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.postgres_server import DATABASE, ROLE
from tests.servers import debian
from tests.servers.clusters import Cluster
from tests.servers.commands import run
from tests.servers.errors import Missing

VERSIONS = Path("/usr/lib/postgresql")


class DebianPostgres(Cluster):
    """The role and the database that the platform gets, on Debian's binaries."""

    title = "postgresql"
    first_port = 23000
    initdb_options = ("--locale=C.UTF-8",)
    auth = "scram-sha-256"

    @staticmethod
    def install() -> None:
        debian.ensure({"postgresql": _newest()})

    @staticmethod
    def binaries() -> Path:
        found = _newest()
        if found is None:
            raise Missing("there is no PostgreSQL of Debian's: run 'make engines'")
        return found

    @property
    def environ(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url()}

    def version(self) -> str:
        found = _newest()
        return run([found / "postgres", "--version"]).split()[2] if found else ""

    def finish(self) -> None:
        """The role and the database, if they are not there; pgvector is not Debian's."""
        with self._connect("postgres") as connection:
            if _has(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
                return
            if not _has(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                        sql.Identifier(ROLE), sql.Literal(self._password)
                    )
                )
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(ROLE)
                )
            )


def _has(connection: psycopg.Connection[tuple[object, ...]], query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None


def _newest() -> Path | None:
    """The binaries of the newest version here that has a server."""
    found = VERSIONS.glob("*/bin/postgres")
    return max((path.parent for path in found), key=_major, default=None)


def _major(folder: Path) -> int:
    return int(folder.parent.name)
