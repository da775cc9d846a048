"""Engines for one run of the tests, and the environment that leads the settings to them.

Several runs side by side each get a folder of their own, `var/test-engines/0`, `1` …; the
next run takes a folder that is free again, with its cluster already made, and ends what a
killed run has left in it.
"""

import shutil
from pathlib import Path

from config.embedded.engines import EmbeddedEngines
from config.embedded.errors import EmbeddedError
from config.embedded.redis_server import DATABASES

SLOTS = 64


class TestEngines:
    """Both engines in the first free folder under `base`, fast instead of crash-safe."""

    __test__ = False  # not a test, whatever its name says

    def __init__(self, base: Path) -> None:
        self._base = base
        self._engines: EmbeddedEngines | None = None

    def start(self) -> dict[str, str]:
        """Start them and return the environment for the tests."""
        engines = self._free_slot()
        try:
            engines.start()
        except EmbeddedError:
            # Without fsync a machine that went down leaves a broken cluster: begin anew.
            shutil.rmtree(engines.var)
            engines.start()
        self._engines = engines
        files = engines.var / "files"
        shutil.rmtree(files, ignore_errors=True)
        return engines.environ | {
            "LECTERN_MODE": "test",
            "LECTERN_VAR": str(files),
            "SECRET_KEY": "only-for-tests",
            "PUBLIC_URL": "http://testserver",
            "POSTGRES_POOL": "0",
            "CELERY_TASK_ALWAYS_EAGER": "1",
        }

    def stop(self) -> None:
        """Stop them; harmless if they do not run."""
        if self._engines is not None:
            self._engines.stop()
            self._engines = None

    def _free_slot(self) -> EmbeddedEngines:
        for number in range(SLOTS):
            engines = EmbeddedEngines(self._base / str(number), durable=False)
            if engines.lock():
                return engines
        raise EmbeddedError(f"{SLOTS} test runs use {self._base} already")


def worker_environ(environ: dict[str, str], worker: str) -> dict[str, str]:
    """What differs for a parallel worker ("gw0", "gw1" …): its Redis database and its files.

    The PostgreSQL database is separated by pytest-django. Database 0 is left to runs
    without workers.
    """
    number = int(worker.removeprefix("gw")) + 1
    if number >= DATABASES:
        raise EmbeddedError(f"at most {DATABASES - 1} parallel workers")
    return {
        "REDIS_URL": environ["REDIS_URL"].rpartition("/")[0] + f"/{number}",
        "LECTERN_VAR": f"{environ['LECTERN_VAR']}/{worker}",
    }
