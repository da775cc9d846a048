"""The platform itself under test: its embedded engines in a folder of their own, empty."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.core.management import call_command

from config.embedded.engines import EmbeddedEngines
from config.stores import prepare_all


@contextmanager
def embedded_platform() -> Iterator[None]:
    """Start PostgreSQL and Redis as `make run` does, and make the tables.

    The settings are loaded here, so nothing that needs them may have been used before.
    """
    with TemporaryDirectory(prefix="lectern-bench-") as folder:
        var = Path(folder)
        with EmbeddedEngines(var) as engines:
            os.environ |= engines.environ | {
                "SECRET_KEY": "bench",
                "LECTERN_VAR": str(var),
                "PUBLIC_URL": "http://127.0.0.1",
                "LOG_LEVEL": "WARNING",
            }
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
            django.setup()
            call_command("migrate", verbosity=0)
            for _ in prepare_all():
                pass
            try:
                yield
            finally:
                django.db.connections.close_all()
