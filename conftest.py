"""One PostgreSQL and one Redis for a test run, a database in each for every parallel worker.

The settings read the environment when Django starts, so the engines must run before: this
file starts them in `pytest_configure`, before pytest-django's own. The platform under test is
the embedded one; MONGODB_URL, CASSANDRA_URL and QDRANT_URL, or the servers of `make engines`,
are what the contract suites run on as well. With LECTERN_TEST_ON=servers the PostgreSQL and
the Redis of `make engines` take the place of the embedded ones.
"""

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django_redis import get_redis_connection
from execnet.xspec import XSpec
from pytest_django.plugin import DjangoDbBlocker

from config import store_settings
from config.embedded.errors import EmbeddedError
from config.embedded.testing import TestEngines, worker_environ
from config.stores import prepare_all
from tests import contract_plugin, contracts

_engines = TestEngines(Path(__file__).parent / "var" / "test-engines")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the engines, once for all workers, and point the settings to them."""
    config.pluginmanager.register(contract_plugin)
    if hasattr(config, "workerinput"):
        _settle()
        return
    if settings.configured:
        raise pytest.UsageError("settings were loaded before the test engines could start")
    try:
        os.environ |= _engines.start()
        os.environ |= contracts.engine_environ(os.environ)
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from None
    for name in ("MONGODB_URL", "CASSANDRA_URL", "QDRANT_URL"):
        os.environ.pop(name, None)  # for the suites; the platform under test is the embedded one
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    _settle()


def _settle() -> None:
    # The same algorithm at its least cost: hundreds of tests sign somebody in.
    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 64  # KiB
    Argon2PasswordHasher.parallelism = 1
    # WhiteNoise warns at every request if there is none.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # It holds the stream that pytest had put in place of stderr when the settings were loaded,
    # and that is closed by now; pytest shows the log of a test that fails.
    logging.getLogger().handlers.clear()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[XSpec]) -> None:
    """Give every parallel worker its part of the engines before it loads the settings."""
    for spec in specs:
        spec.env |= worker_environ(dict(os.environ), str(spec.id))


def pytest_unconfigure() -> None:
    """Stop the engines (a worker has none)."""
    _engines.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """After the migrations, what the stores need."""
    with django_db_blocker.unblock():
        if not contracts.has_pgvector():
            settings.STORES.update(store_settings.qdrant_stores(":memory:"))
        for _ in prepare_all():
            pass


@pytest.fixture(autouse=True)
def clean_slate() -> None:
    """Every test begins with nothing in its Redis database and no uploaded files."""
    get_redis_connection("default").flushdb()
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_vectors_left(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A test that commits leaves no vectors: the flush after it knows the tables of models only."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if not commits and "live_server" not in request.fixturenames:
        return
    with django_db_blocker.unblock():
        if contracts.has_pgvector():
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM document_vectors; DELETE FROM web_vectors")
