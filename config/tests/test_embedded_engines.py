"""The embedded engines as real processes: what survives, what is refused, what is said.

Run by root they are another user's, in a folder that this user can't pass (pytest's own
folders are root's alone), so the harder way is tested wherever the tests run as root.
"""

import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.embedded import EmbeddedEngines, EmbeddedError, envfile
from config.embedded.engines import FIRST_PORT
from config.embedded.processes import wait_until, working_in

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "a school's data"
    yield folder
    for process in left_in(folder):
        process.kill()


def left_in(var: Path) -> list[psutil.Process]:
    return working_in(var / "postgres" / "data", ["postgres"]) + working_in(
        var / "redis", ["redis-server"]
    )


def write_something(environ: dict[str, str]) -> None:
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    with redis.Redis.from_url(environ["REDIS_URL"]) as client:
        client.set("kept", "yes")
        client.execute_command("WAIT", 0, 100)


def read_something(environ: dict[str, str]) -> tuple[int, bytes]:
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    with redis.Redis.from_url(environ["REDIS_URL"]) as client:
        value = client.get("kept")
    assert row is not None
    assert isinstance(value, bytes)
    return row[0], value


def kill(engines: EmbeddedEngines) -> None:
    for name, pid in engines.pids.items():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda name=name: engines.pids[name] is None, timeout=10)


def test_data_survive_kill_9_of_both_and_a_new_start(var: Path) -> None:
    with EmbeddedEngines(var) as engines:
        before = engines.environ
        write_something(before)
        # Redis writes its log to the disk every second; the kernel has it at once.
        kill(engines)

    with EmbeddedEngines(var) as engines:
        assert engines.environ == before
        assert read_something(engines.environ) == (1000, b"yes")


def test_revive_brings_a_killed_engine_back_at_the_same_address(var: Path) -> None:
    with EmbeddedEngines(var) as engines:
        write_something(engines.environ)
        kill(engines)
        for name in engines.pids:
            engines.revive(name)

        assert read_something(engines.environ) == (1000, b"yes")


def test_start_and_stop_may_be_repeated_and_leave_nothing(var: Path) -> None:
    engines = EmbeddedEngines(var)
    engines.start()
    pids = engines.pids
    engines.start()
    assert engines.pids == pids
    engines.stop()
    engines.stop()

    assert left_in(var) == []


def test_engines_that_an_earlier_run_has_left_are_replaced(var: Path) -> None:
    lost = EmbeddedEngines(var)
    lost.start()
    write_something(lost.environ)
    lost._lock.release()  # as if its process were gone

    with EmbeddedEngines(var) as engines:
        assert engines.environ == lost.environ
        assert not set(engines.pids.values()) & set(lost.pids.values())
        assert read_something(engines.environ) == (1000, b"yes")


def test_killing_the_starting_process_ends_the_engines(var: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from config.embedded import EmbeddedEngines\n"
        "engines = EmbeddedEngines(Path(sys.argv[1])); engines.start()\n"
        "print('started', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, var], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"started\n"
    assert left_in(var)
    starter.kill()
    starter.wait()

    assert wait_until(lambda: not left_in(var), timeout=20)
    with EmbeddedEngines(var) as engines:
        assert None not in engines.pids.values()


def test_a_second_start_is_refused_in_one_line(var: Path) -> None:
    with (
        EmbeddedEngines(var),
        pytest.raises(EmbeddedError, match=f"in use: already started by process {os.getpid()}$"),
    ):
        EmbeddedEngines(var).start()


def test_a_taken_port_is_avoided_and_named(var: Path) -> None:
    with EmbeddedEngines(var) as engines:
        write_something(engines.environ)
        ports = [int(url.rpartition(":")[2].split("/")[0]) for url in engines.environ.values()]
    said: list[str] = []
    with (
        socket.create_server(("127.0.0.1", ports[0])),
        socket.create_server(("", ports[1])),
        EmbeddedEngines(var, say=said.append) as engines,
    ):
        assert read_something(engines.environ) == (1000, b"yes")

    assert [line.split(":")[0] for line in said] == [f"port {port} is taken" for port in ports]


def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(var: Path) -> None:
    with EmbeddedEngines(var):
        pass
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        data = var / "postgres" / "data"
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n25432\n\n\n\n\n")
        with EmbeddedEngines(var) as engines:
            assert None not in engines.pids.values()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_initialisation_that_was_cut_short_is_made_again(var: Path) -> None:
    unfinished = var / "postgres" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    with EmbeddedEngines(var, only=["postgres"]) as engines:
        assert set(engines.environ) == {"DATABASE_URL"}
    assert not unfinished.exists()


def test_lost_passwords_are_one_clear_line(var: Path) -> None:
    with EmbeddedEngines(var):
        pass
    (var / "engines.json").unlink()

    with pytest.raises(EmbeddedError, match=r"engines\.json with the passwords is gone"):
        EmbeddedEngines(var).start()
    (var / "engines.json").write_text("{")
    with pytest.raises(EmbeddedError, match=r"engines\.json is damaged"):
        EmbeddedEngines(var).start()


def test_only_the_loopback_address_is_open_and_only_with_the_password(var: Path) -> None:
    with EmbeddedEngines(var) as engines:
        for pid in engines.pids.values():
            connections = psutil.Process(pid).net_connections(kind="all")
            listening = [one for one in connections if one.status == psutil.CONN_LISTEN]
            assert [one.laddr[0] for one in listening] == ["127.0.0.1"]
            assert not [one for one in connections if one.family == socket.AF_UNIX and one.laddr]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(engines.environ["DATABASE_URL"].replace("lectern:", "lectern:x"))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(engines.environ["REDIS_URL"].replace(":@", ":x@")).ping()
            redis.Redis.from_url("redis://" + engines.environ["REDIS_URL"].split("@")[1]).ping()


def test_the_role_of_the_platform_is_no_superuser_and_has_pgvector(var: Path) -> None:
    with EmbeddedEngines(var, only=["postgres"]) as engines:
        with psycopg.connect(engines.environ["DATABASE_URL"], autocommit=True) as connection:
            row = connection.execute(
                "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert row == (False, True)
            connection.execute("CREATE DATABASE another")
            another = engines.environ["DATABASE_URL"].removesuffix("lectern") + "another"
        with psycopg.connect(another) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            assert connection.execute("SELECT '[1,2]'::vector <-> '[1,2]'").fetchone() == (0.0,)


def test_files_with_secrets_are_private(var: Path) -> None:
    with EmbeddedEngines(var) as engines:
        envfile.write(var, engines.environ, public_url="http://127.0.0.1:8000")
    for name in ("engines.json", "embedded.env", "redis/redis.conf"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o600, name
    for name in ("postgres", "redis", "log"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o700, name


def test_the_secret_key_is_made_once(var: Path) -> None:
    var.mkdir()
    first = envfile.write(var, {}, public_url="http://127.0.0.1:8000")
    second = envfile.write(var, {"REDIS_URL": "redis://x"}, public_url="http://127.0.0.1:8001")

    assert len(first["SECRET_KEY"]) > 50
    assert second == {
        "LECTERN_MODE": "embedded",
        "PUBLIC_URL": "http://127.0.0.1:8001",
        "SECRET_KEY": first["SECRET_KEY"],
        "REDIS_URL": "redis://x",
    }


def test_the_state_keeps_ports_and_passwords(var: Path) -> None:
    with EmbeddedEngines(var):
        state = json.loads((var / "engines.json").read_text())
    assert state["postgres"]["port"] >= FIRST_PORT["postgres"]
    assert state["redis"]["port"] >= FIRST_PORT["redis"]
    assert len({state["postgres"]["password"], state["postgres"]["superuser_password"]}) == 2


def test_the_package_loads_no_settings() -> None:
    check = (
        "import config.embedded.__main__, config.embedded.testing\n"
        "from django.conf import settings\n"
        "raise SystemExit(settings.configured)"
    )
    environ = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    subprocess.run([sys.executable, "-c", check], cwd=PROJECT, env=environ, check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
def test_an_ordinary_user_starts_them_too_and_root_finds_them_again(tmp_path: Path) -> None:
    var = tmp_path / "an ordinary user's data"
    var.mkdir()
    user = pwd.getpwnam("daemon")  # PostgreSQL wants one that has a name
    os.chown(var, user.pw_uid, user.pw_gid)
    script = (
        "import os, sys; from pathlib import Path; from config.embedded import EmbeddedEngines\n"
        "with EmbeddedEngines(Path(sys.argv[1])): print(os.geteuid())"
    )
    # The capability only lets the user pass the test's own folders.
    capability = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    ran = subprocess.run(
        [*become, *capability, sys.executable, "-c", script, var],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert (ran.stderr, ran.stdout) == ("", f"{user.pw_uid}\n")

    with EmbeddedEngines(var) as engines:
        for pid in engines.pids.values():
            assert psutil.Process(pid).uids().effective == user.pw_uid
