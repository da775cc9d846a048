"""check_stores and copy_store as an operator runs them, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from config.settings import BASE_DIR
from config.store_settings import EMBEDDED, mongodb_stores
from config.stores import open_store
from config.tests.test_commands import manage, the_one_line
from tests.contracts import ENGINES, absent, opened, server_url
from tests.records import stream
from tests.servers.mongodb import MongoServer

COUNT = 20_000


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """A server that no other test uses, to be killed."""
    if not server_url("mongodb"):
        absent("mongodb")
    server = MongoServer(tmp_path_factory.mktemp("mongodb"))
    server.start()
    yield server
    server.stop()


def database_url() -> str:
    """The database of this very test, for another process."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


@pytest.mark.django_db(transaction=True)
def test_check_stores_with_an_engine_killed(mongodb: MongoServer) -> None:
    environ = {"DATABASE_URL": database_url(), "MONGODB_URL": mongodb.url}
    assert manage("prepare_stores", **environ).returncode == 0
    well = manage("check_stores", **environ)
    assert well.returncode == 0, well.stdout
    lines = well.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["database", "sessions", *EMBEDDED]
    assert all(line.endswith("schema ok") and " ms " in line for line in lines)

    mongodb.kill()
    try:
        ill = manage("check_stores", **environ)
        as_json = manage("check_stores", "--json", **environ)
    finally:
        mongodb.start()
    assert (ill.returncode, ill.stderr) == (1, "")
    down = [line.split()[0] for line in ill.stdout.splitlines() if " DOWN " in line]
    assert down == ["transcripts", "proctoring_reports", "activity_logs"]
    assert as_json.returncode == 1
    rows = json.loads(as_json.stdout)
    assert [row["store"] for row in rows if not row["up"]] == down
    assert all(row["latency_ms"] > 0 for row in rows if row["up"])
    assert manage("check_stores", **environ).returncode == 0


@pytest.mark.django_db(transaction=True)
def test_check_stores_never_says_a_password() -> None:
    secrets = {
        "MONGODB_URL": "mongodb://user:hunter2@127.0.0.1:1/x",
        "CASSANDRA_URL": "cassandra://user:hunter2@127.0.0.1:1",
        "QDRANT_URL": "http://127.0.0.1:1",
        "QDRANT_API_KEY": "hunter2",
    }
    done = manage("check_stores", DATABASE_URL=database_url(), **secrets)
    assert done.returncode == 1
    assert done.stdout.count(" DOWN ") == 9
    said = done.stdout + done.stderr
    assert "hunter2" not in said
    assert (urlsplit(settings.DATABASE_URL).password or "?") not in said
    assert (urlsplit(settings.REDIS_URL).password or "?") not in said


@pytest.mark.django_db(transaction=True)
def test_check_stores_names_what_is_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER INDEX idx_web_vectors_topic RENAME TO elsewhere")
    try:
        done = manage("check_stores", DATABASE_URL=database_url())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER INDEX elsewhere RENAME TO idx_web_vectors_topic")
    assert done.returncode == 1
    assert "schema index idx_web_vectors_topic: missing" in done.stdout


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_is_killed_goes_on_and_ends_equal(mongodb: MongoServer, tmp_path: Path) -> None:
    store = opened(ENGINES["activity_logs"][0])
    records = stream("activity_logs")
    for _ in range(COUNT // 5000):
        store.load([next(records) for _ in range(5000)])
    environ = {
        "DATABASE_URL": database_url(),
        "MONGODB_URL": mongodb.url,
        "LECTERN_VAR": str(tmp_path),
    }
    command = ["copy_store", "activity_logs", "--from", "embedded", "--to", "mongo"]
    assert manage("prepare_stores", **environ).returncode == 0
    bookmark = tmp_path / "copies" / "activity_logs-embedded-mongodb.json"

    first = subprocess.Popen(
        [sys.executable, BASE_DIR / "manage.py", *command],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not bookmark.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    copied = json.loads(bookmark.read_text())["copied"]
    assert 0 < copied < COUNT

    second = manage(*command, **environ)
    assert second.returncode == 0, second.stderr
    assert f"going on after {copied:,} records" in second.stdout
    assert f"{COUNT:,} records" in second.stdout
    source, target = (line.split() for line in second.stdout.splitlines()[1:3])
    assert source[-1] == target[-1]
    assert "both sides are equal" in second.stdout
    assert not bookmark.exists()

    back = manage(*command[:2], "--from", "mongo", "--to", "embedded", **environ)
    assert back.returncode == 0, back.stderr
    assert back.stdout.count(source[-1]) == 2


@pytest.mark.django_db(transaction=True)
def test_a_difference_is_said(mongodb: MongoServer, tmp_path: Path) -> None:
    environ = {
        "DATABASE_URL": database_url(),
        "MONGODB_URL": mongodb.url.rpartition("/")[0] + "/difference",
        "LECTERN_VAR": str(tmp_path),
    }
    command = ["copy_store", "transcripts", "--from", "embedded", "--to", "mongodb"]
    unprepared = manage(*command, **environ)
    assert "run 'manage.py prepare_stores'" in the_one_line(unprepared, 2)
    assert manage("prepare_stores", **environ).returncode == 0
    target = open_store(mongodb_stores(environ["MONGODB_URL"])["transcripts"])
    target.load([next(stream("transcripts"))])
    assert "the two sides differ" in the_one_line(manage(*command, **environ), 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "embedded", "--to", "embedded"], "same engine"),
        (["--from", "embedded", "--to", "mongo"], "MONGODB_URL is not set"),
        (["--from", "cassandra", "--to", "embedded"], "CASSANDRA_URL is not set"),
    ],
)
def test_what_can_not_be_copied(arguments: list[str], says: str) -> None:
    assert says in the_one_line(manage("copy_store", "transcripts", *arguments), 2)


def test_a_store_is_held_by_its_own_engines_only() -> None:
    done = manage(
        "copy_store", "transcripts", "--from", "embedded", "--to", "cassandra",
        CASSANDRA_URL="cassandra://127.0.0.1:1",
    )  # fmt: skip
    assert "transcripts is never held by cassandra" in the_one_line(done, 2)
