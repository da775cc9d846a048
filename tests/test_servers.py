"""What `python -m tests.servers` promises, shown on the one server that is here without an
installation: the Redis of the wheel takes the place of Debian's.
"""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.embedded.errors import EmbeddedError
from config.embedded.processes import wait_until
from config.embedded.redis_server import RedisServer
from tests.servers import cache, debian, fleet, mongodb
from tests.servers.__main__ import main
from tests.servers.errors import Missing
from tests.servers.redis import DebianRedis


class WheelRedis(DebianRedis):
    """Debian's in all but the binary."""

    first_port = 24900

    @staticmethod
    def install() -> None:
        """It is here."""

    def version(self) -> str:
        return "6.2"

    def argv(self) -> list[str | Path]:
        return RedisServer.argv(self)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in whose fleet there is Redis alone."""
    monkeypatch.setattr(fleet, "KINDS", (WheelRedis,))
    base = tmp_path / "the servers"
    yield base
    main(["stop"], base)


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "lectern-servers"


def redis_pid(base: Path) -> int | None:
    return fleet.Fleet(base).status()[0].pid


def read_url(base: Path) -> str:
    key, _, value = (base / "servers.env").read_text().strip().partition("=")
    assert key == "REDIS_URL"
    return value


def test_the_env_file_leads_to_the_server_and_is_private(base: Path) -> None:
    assert main(["start"], base) == 0
    assert stat.S_IMODE((base / "servers.env").stat().st_mode) == 0o600
    with redis.Redis.from_url(read_url(base)) as client:
        assert client.ping()
        assert client.config_get("databases") == {"databases": "64"}


def test_a_second_start_changes_nothing(base: Path) -> None:
    main(["start"], base)
    before = redis_pid(base), read_url(base)
    assert main(["start"], base) == 0
    assert (redis_pid(base), read_url(base)) == before
    assert before[0] is not None


def test_a_start_brings_back_what_has_died(base: Path) -> None:
    main(["start"], base)
    pid, url = redis_pid(base), read_url(base)
    assert pid is not None
    os.kill(pid, 9)
    assert wait_until(lambda: main(["status"], base) == 1, timeout=10)
    assert main(["start"], base) == 0
    assert redis_pid(base) not in (None, pid)
    assert read_url(base) == url


def test_stop_leaves_no_process_and_no_addresses(base: Path) -> None:
    main(["start"], base)
    assert main(["stop"], base) == 0
    assert redis_pid(base) is None
    assert not (base / "servers.env").exists()


def test_status_has_a_line_for_each_server_and_fails_if_one_is_down(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"], base) == 1
    assert capsys.readouterr().out.split() == ["redis", "6.2", "-", "pid", "-", "down"]
    main(["start"], base)
    capsys.readouterr()
    assert main(["status"], base) == 0
    port = read_url(base).rpartition(":")[2].removesuffix("/0")
    line = ["redis", "6.2", f"127.0.0.1:{port}", "pid", str(redis_pid(base)), "up"]
    assert capsys.readouterr().out.split() == line


def test_nothing_runs_in_a_new_folder(tmp_path: Path) -> None:
    assert main(["status"], tmp_path / "nothing") == 1
    assert main(["stop"], tmp_path / "nothing") == 0
    assert not (tmp_path / "nothing").exists()


def test_an_unknown_server_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["start", "--only", "redis", "oracle"], tmp_path) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: no server oracle;")
    assert said.count("\n") == 1


def test_a_server_of_ones_own_is_killed_paused_and_keeps_its_port(tmp_path: Path) -> None:
    server = WheelRedis(tmp_path / "own")
    server.start()
    try:
        port = server.port
        server.kill()
        assert server.running() is None
        server.start()
        assert (server.port, server.answers()) == (port, True)
        server.pause()
        with (
            redis.Redis.from_url(server.url(), socket_timeout=0.2, retry=None) as client,
            pytest.raises(redis.TimeoutError),
        ):
            client.ping()
        server.resume()
        assert server.answers()
        server.pause()
    finally:
        server.stop()
    assert server.running() is None


def test_an_installation_that_was_cut_short_is_made_anew(cached: Path) -> None:
    def cut_short(folder: Path, final: Path) -> None:
        (folder / "half").touch()
        raise EmbeddedError("the network is gone")

    def complete(folder: Path, final: Path) -> None:
        assert list(folder.iterdir()) == []
        assert final == cached / "thing-1"
        (folder / "whole").touch()

    with pytest.raises(EmbeddedError):
        cache.install("thing-1", cut_short)
    with pytest.raises(Missing):
        cache.find("thing-1")
    cache.install("thing-1", complete)
    assert [path.name for path in cache.find("thing-1").iterdir()] == ["whole"]


def test_of_two_installations_at_once_one_is_made(cached: Path) -> None:
    made = []

    def make(folder: Path, final: Path) -> None:
        made.append(folder)
        assert not wait_until(lambda: len(made) > 1, timeout=0.3)

    threads = [threading.Thread(target=cache.install, args=("thing-1", make)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert cache.find("thing-1").is_dir()


def test_packages_are_installed_by_root_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    debian.ensure({"maven": "/usr/bin/mvn"})
    with pytest.raises(Missing, match=r"^missing: maven mmdebstrap \(only root"):
        debian.ensure({"maven": None, "mmdebstrap": "", "patchelf": "/usr/bin/patchelf"})


def test_what_can_only_be_mended_by_hand_ends_with_2(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cached: Path
) -> None:
    monkeypatch.setattr(WheelRedis, "install", staticmethod(mongodb.MongoServer.install))
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(["start"], base) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: redis: there is no Go on the PATH")
    assert said.count("\n") == 1
