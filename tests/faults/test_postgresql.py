"""PostgreSQL that is away, or dies in the middle: a server of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest

from config.embedded.engines import POSTGRES, EmbeddedEngines
from config.settings import BASE_DIR
from config.tests.test_commands import manage, the_one_line

COUNT = 3000


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngines]:
    with EmbeddedEngines(tmp_path_factory.mktemp("postgresql"), only=[POSTGRES]) as found:
        assert manage("migrate", **environ(found)).returncode == 0
        yield found


def environ(engines: EmbeddedEngines) -> dict[str, str]:
    return {"DATABASE_URL": engines.environ["DATABASE_URL"]}


def writer(engines: EmbeddedEngines) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.writer", str(COUNT)],
        cwd=BASE_DIR,
        env={**os.environ, **environ(engines), "POSTGRES_POOL": "1"},  # as the web process
        stdout=subprocess.PIPE,
        text=True,
    )


def stored(engines: EmbeddedEngines) -> list[str]:
    with psycopg.connect(engines.environ["DATABASE_URL"]) as connection:
        return [str(row[0]) for row in connection.execute("SELECT event_id FROM events")]


def test_killed_under_eight_writers_and_started_again(engines: EmbeddedEngines) -> None:
    process = writer(engines)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(200)]
    pid = engines.pids[POSTGRES]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    engines.revive(POSTGRES)
    lines += process.communicate(timeout=120)[0].splitlines()

    outcomes = dict(reversed(line.split()) for line in lines)
    assert process.returncode == 0, "nothing but StoreUnavailable comes out"
    assert len(outcomes) == COUNT
    kept = {event_id for event_id, outcome in outcomes.items() if outcome == "kept"}
    # Who waits for a connection meanwhile gets one, so that all may have been kept.
    assert len(kept) > COUNT // 2
    found = stored(engines)
    assert len(found) == len(set(found))
    assert kept <= set(found), "what was told to be kept is there"

    again = writer(engines)
    assert again.communicate(timeout=120)[0].count("kept") == COUNT
    assert set(stored(engines)) == set(outcomes)


def test_away_is_one_line(engines: EmbeddedEngines) -> None:
    pid = engines.pids[POSTGRES]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    try:
        started = time.monotonic()
        done = manage("check_stores", **environ(engines))
        line = the_one_line(manage("prepare_stores", **environ(engines)), 1)
        assert time.monotonic() - started < 60
    finally:
        engines.revive(POSTGRES)
    assert done.returncode == 1
    assert "database            postgresql  DOWN" in done.stdout
    assert "sessions            redis" in done.stdout
    assert "PostgreSQL is unavailable" in line
