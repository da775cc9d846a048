"""Services that die, that leave children behind, that do not stop; and the stamp."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from config.embedded import prepared
from config.embedded.processes import wait_until
from config.embedded.supervisor import Service, Supervisor

WAIT = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WAIT!r}])"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def service(supervisor: Supervisor, tmp_path: Path) -> Callable[[str], Service]:
    def start(code: str) -> Service:
        service = Service(
            name="thing",
            argv=[sys.executable, "-c", code],
            environ=dict(os.environ),
            cwd=tmp_path,
            log=tmp_path / "thing.log",
            stop_steps=((signal.SIGTERM, 0.5),),
        )
        supervisor.start(service)
        return service

    return start


def pid(service: Service) -> int:
    assert service.process is not None
    return service.process.pid


def test_a_killed_service_starts_again_and_that_is_said(
    supervisor: Supervisor, service: Callable[[str], Service], said: list[str]
) -> None:
    thing = service(WAIT)
    first = pid(thing)
    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.tick()
        return thing.process is not None and thing.process.pid != first

    assert wait_until(is_back, timeout=5)
    assert said == [f"thing ended (killed by signal 9), starting again now; see {thing.log}"]


def test_one_that_dies_again_and_again_is_started_ever_later(
    supervisor: Supervisor, service: Callable[[str], Service], said: list[str]
) -> None:
    service("raise SystemExit(3)")

    def has_died_twice() -> bool:
        supervisor.tick()
        return len(said) == 2

    assert wait_until(has_died_twice, timeout=10)
    assert "exit code 3" in said[0]
    assert "starting again now" in said[0]
    assert "starting again in 1 s" in said[1]


def test_children_of_a_killed_service_do_not_stay(
    supervisor: Supervisor, service: Callable[[str], Service]
) -> None:
    thing = psutil.Process(pid(service(PARENT)))
    assert wait_until(lambda: bool(thing.children()), timeout=5)
    (child,) = thing.children()
    thing.kill()

    def is_gone() -> bool:
        supervisor.tick()
        return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE

    assert wait_until(is_gone, timeout=5)


def test_stop_ends_also_what_ignores_the_request(
    supervisor: Supervisor, service: Callable[[str], Service]
) -> None:
    processes = [psutil.Process(pid(service(code))) for code in (WAIT, STUBBORN)]
    wait_until(lambda: all(one.cpu_times().user > 0 for one in processes), timeout=2)
    supervisor.stop()

    assert [one.is_running() for one in processes] == [False, False]


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty database in the test engines."""
    name = f"stamp_{os.getpid()}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield server.rpartition("/")[0] + f"/{name}"
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def test_the_stamp_holds_for_this_code_and_these_migrations_only(database_url: str) -> None:
    assert not prepared.is_prepared(database_url, "code")

    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE django_migrations (app text, name text)")
        connection.execute("INSERT INTO django_migrations VALUES ('accounts', '0001')")
    prepared.mark_prepared(database_url, "code")
    assert prepared.is_prepared(database_url, "code")
    assert not prepared.is_prepared(database_url, "other code")

    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM django_migrations")
    assert not prepared.is_prepared(database_url, "code")


def test_the_digest_follows_code_and_static_files_but_not_tests(tmp_path: Path) -> None:
    (tmp_path / "app" / "static").mkdir(parents=True)
    (tmp_path / "app" / "tests").mkdir()
    (tmp_path / "app" / "models.py").write_text("a")
    (tmp_path / "app" / "static" / "style.css").write_text("a")
    before = prepared.code_digest(tmp_path)

    (tmp_path / "app" / "tests" / "test_models.py").write_text("a")
    assert prepared.code_digest(tmp_path) == before
    (tmp_path / "app" / "static" / "style.css").write_text("b")
    assert prepared.code_digest(tmp_path) != before
