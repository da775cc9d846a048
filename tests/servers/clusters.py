"""A PostgreSQL of Debian's, with a cluster of its own beside whatever the system runs."""

import shutil
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from config.embedded import files
from config.embedded.postgres_server import SUPERUSER, PostgresServer
from config.embedded.privileges import PRESENT, engine_account
from tests.servers import passwords
from tests.servers.base import Lasting, OwnServer
from tests.servers.commands import run


class Cluster(OwnServer, PostgresServer):
    """The embedded PostgreSQL's ways with other binaries; subclasses say which."""

    initdb_options: ClassVar[tuple[str, ...]]
    auth: ClassVar[str]
    settings: ClassVar[dict[str, str]] = {}  # more than the embedded one has

    def __init__(self, folder: Path, *, lasting: bool = False) -> None:
        folder = folder.resolve()
        password = passwords.known_or_new(folder)
        super().__init__(
            folder,
            folder / "server.log",
            PRESENT,  # until the folder is there, see `prepare`
            password=password,
            superuser_password=password,
            durable=False,
        )
        self.lasting = lasting

    @staticmethod
    @abstractmethod
    def binaries() -> Path:
        """The folder of `postgres` and `initdb`; raises Missing."""

    def argv(self) -> list[str | Path]:
        return [self.binaries() / "postgres", "-D", self.data]

    def prepare(self) -> None:
        passwords.keep(self.folder, self._password)
        found = engine_account(self.binaries(), self.folder)
        self.account = Lasting(found.uid, found.gid, found.options) if self.lasting else found
        super().prepare()

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there: all or nothing."""
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        password = self.folder / "initdb.password"
        files.write_private(password, f"{self._password}\n")
        self.account.own(password)
        command: list[str | Path] = [self.binaries() / "initdb", "-D", new, "-U", SUPERUSER]
        command += ["-E", "UTF8", *self.initdb_options, "--no-sync"]
        command += [f"--auth={self.auth}", f"--pwfile={password}"]
        try:
            run(
                self.account.command(command),
                environ={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                cwd=Path("/"),
            )
        finally:
            password.unlink()
        with (new / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.writelines(f"{key} = {value}\n" for key, value in self.settings.items())
            config.write("include 'lectern.conf'  # written at every start\n")
        new.rename(self.data)
