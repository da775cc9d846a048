"""`python -m config.embedded run` from an empty folder to the last process."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.embedded.launcher import PORT
from config.embedded.ports import LOOPBACK, free_port
from config.embedded.processes import marked, wait_until, working_in

PROJECT = Path(__file__).resolve().parent.parent.parent
# What the test run has set for itself; the launcher must find its own way.
OF_THE_TESTS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "PUBLIC_URL",
    "LECTERN_MODE",
    "POSTGRES_POOL",
    "CELERY_TASK_ALWAYS_EAGER",
)
LAST_LINE = "Ctrl-C stops everything"


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an operator whose data are in a new folder."""
    var = tmp_path / "a new school"
    environ = {key: value for key, value in os.environ.items() if key not in OF_THE_TESTS}
    yield environ | {"LECTERN_VAR": str(var), "PORT": str(free_port(PORT + 500))}
    for process in left_in(var):
        process.kill()


def left_in(var: Path) -> list[psutil.Process]:
    engines = working_in(var / "postgres" / "data", ["postgres"])
    return marked(var) + engines + working_in(var / "redis", ["redis-server"])


def launch(environ: dict[str, str]) -> tuple[subprocess.Popen[str], list[str]]:
    """Start, and read what is said until all is ready."""
    launcher = subprocess.Popen(
        [sys.executable, "-m", "config.embedded", "run"],
        cwd=PROJECT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert launcher.stdout is not None
    said: list[str] = []
    for line in launcher.stdout:
        said.append(line)
        if line.startswith(LAST_LINE):
            return launcher, said
    pytest.fail("".join(said))


def is_ready(environ: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, int(environ["PORT"]), timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def test_from_nothing_through_kills_to_a_clean_stop(environ: dict[str, str]) -> None:
    var = Path(environ["LECTERN_VAR"])
    launcher, said = launch(environ)
    text = "".join(said)
    assert "database tables" in text
    assert f"http://{LOOPBACK}:{environ['PORT']}/admin/" in text
    assert (var / "demo-logins.txt").read_text().rstrip() in text

    another_terminal = {key: value for key, value in environ.items() if key != "PORT"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=PROJECT,
        env=another_terminal,
        check=True,
    )

    (web,) = [
        process
        for process in psutil.Process(launcher.pid).children()
        if "gunicorn" in process.cmdline()
    ]
    web.kill()
    web.wait(10)
    assert wait_until(lambda: is_ready(environ), timeout=60, every=0.5)

    launcher.kill()
    launcher.wait()
    launcher, said = launch(environ)
    assert "database tables" not in "".join(said)

    launcher.send_signal(signal.SIGINT)
    rest, _ = launcher.communicate(timeout=60)
    assert (launcher.returncode, rest) == (0, "")
    assert left_in(var) == []
