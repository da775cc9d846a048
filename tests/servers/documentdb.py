"""PostgreSQL 18 with the DocumentDB extension, on which FerretDB stands.

Both are in a later Debian than this one may be. Its packages are unpacked beside the system,
and the binaries told to take the libraries and the loader that were unpacked with them: they
then run as any other program does, with their data anywhere.
"""

import os
import shutil
from pathlib import Path
from typing import ClassVar

from config.embedded.errors import EmbeddedError
from config.embedded.ports import LOOPBACK
from config.embedded.postgres_server import SUPERUSER
from tests.servers import cache, debian
from tests.servers.clusters import Cluster
from tests.servers.commands import run
from tests.servers.progress import step

MAJOR = 18
RELEASE = "forky"
PACKAGE = f"postgresql-{MAJOR}-documentdb"
TREE = f"{PACKAGE}-{RELEASE}"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class DocumentDB(Cluster):
    """The cluster of one FerretDB."""

    title = "documentdb"
    first_port = 22000
    initdb_options = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    # The extension connects to its own server without a password.
    auth = "trust"
    settings: ClassVar[dict[str, str]] = {
        "shared_preload_libraries": "'pg_cron,pg_documentdb_core,pg_documentdb'",
        "cron.database_name": "'postgres'",
        "cron.use_background_workers": "on",
        "cron.log_statement": "off",  # several a second
        "max_worker_processes": "20",
        "jit": "off",
        "documentdb_core.enableCollation": "on",
        "documentdb.maxWriteBatchSize": "100000",
    }

    @staticmethod
    def install() -> None:
        debian.ensure({tool: shutil.which(tool) for tool in ("mmdebstrap", "patchelf")})
        cache.install(TREE, _unpack)

    @staticmethod
    def binaries() -> Path:
        return _programs(cache.find(TREE))

    @property
    def environ(self) -> dict[str, str]:
        return {}  # for FerretDB alone

    def url(self) -> str:
        return f"postgres://{SUPERUSER}@{LOOPBACK}:{self.port}/postgres"

    def version(self) -> str:
        return str(MAJOR)

    def finish(self) -> None:
        """The extension, if it is not there."""
        with self._connect("postgres") as connection:
            connection.execute("SET client_min_messages = error")
            connection.execute("CREATE EXTENSION IF NOT EXISTS documentdb CASCADE")


def _programs(tree: Path) -> Path:
    return tree / f"usr/lib/postgresql/{MAJOR}/bin"


def _unpack(tree: Path, final: Path) -> None:
    source = f"deb [signed-by={KEYRING}] {debian.mirror()} {RELEASE} main"
    # As root it refuses the mode that needs nothing of root.
    mode = "chrootless" if os.geteuid() else "root"
    command = ["mmdebstrap", "--quiet", f"--mode={mode}", "--variant=extract"]
    command += [f"--include={PACKAGE}"]
    command += ['--aptopt=APT::Install-Recommends "false"']
    # A mirror that is a copy of some day.
    command += ['--aptopt=Acquire::Check-Valid-Until "false"']
    with step(f"mongodb: PostgreSQL {MAJOR} with DocumentDB", slow=True):
        run([*command, RELEASE, tree, source])
        _settle(tree, final)


def _settle(tree: Path, final: Path) -> None:
    """What installing the packages would have done, and the way to the libraries beside them."""
    libraries = next(tree.glob("usr/lib/*-linux-gnu"), None)
    loader = next(tree.glob("usr/lib*/ld-linux-*"), None)
    programs = _programs(tree)
    if libraries is None or loader is None or not (programs / "postgres").exists():
        raise EmbeddedError(f"{PACKAGE} of Debian {RELEASE} is not what it was")
    extensions = tree / f"usr/share/postgresql/{MAJOR}/extension"
    postgis = extensions / "postgis.control"
    if not postgis.exists():  # an alternative of Debian's
        postgis.symlink_to("postgis-3.control")
    modules = programs.parent / "lib"
    path = os.pathsep.join(str(final / one.relative_to(tree)) for one in (libraries, modules))
    rpath = ["patchelf", "--force-rpath", "--set-rpath", path]
    interpreter = ["--set-interpreter", str(final / loader.relative_to(tree))]
    run([*rpath, *interpreter, *programs.iterdir()])
    run([*rpath, *modules.glob("*.so")])
