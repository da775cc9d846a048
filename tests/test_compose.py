"""docker-compose.yml and the Dockerfile against the code: no container can be started here."""

import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest
import yaml
from django.conf import settings
from django.urls import resolve
from django.utils.module_loading import import_string

from config import checks, limits
from config.celery import app
from config.connections import qdrant, urls
from config.connections.versions import SUPPORTED_VERSIONS
from config.embedded.console import Console
from config.embedded.launcher import Launcher
from config.embedded.supervisor import Service
from retrieval.parsing import sandbox

ROOT = Path(settings.BASE_DIR)
PROGRAMS = ("web", "worker", "ingestion", "beat")
PLATFORM = ("prepare", *PROGRAMS)
# The setting: its service, the name of the engine, its usual port, where its image keeps data.
ENGINES = {
    "DATABASE_URL": ("postgres", "postgresql", 5432, "/var/lib/postgresql"),
    "REDIS_URL": ("redis", "redis", 6379, "/data"),
    "MONGODB_URL": ("mongo", "mongodb", 27017, "/data/db"),
    "QDRANT_URL": ("qdrant", "qdrant", qdrant.PORT, "/qdrant/storage"),
    "CASSANDRA_URL": ("cassandra", "cassandra", urls.CASSANDRA_PORT, "/var/lib/cassandra"),
}
IMAGES = {
    "postgresql": "pgvector/pgvector",
    "redis": "redis",
    "mongodb": "mongo",
    "qdrant": "qdrant/qdrant",
    "cassandra": "cassandra",
}
LONG_RUNNING = (*(service for service, *_ in ENGINES.values()), *PROGRAMS)
SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|AUTH")
OPTIONAL_SECRETS = {"CHAT_API_KEY"}  # of a language model, which a school need not have
VARIABLE = re.compile(r"\$\{(\w+)(:[?-])?([^}]*)\}")


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(compose_text())
    return found


def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][name]
    return found


def environment(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in service(name).get("environment", {}).items()}


def filled(text: str) -> str:
    """A value as a container gets it, each variable filled with a dummy or its default."""
    return VARIABLE.sub(lambda m: m[3] if m[2] == ":-" else f"dummy{m[1]}", text)


def address(setting: str) -> SplitResult:
    return urlsplit(filled(environment("web")[setting]))


def health(name: str) -> list[str]:
    """The words of a health check's command."""
    kind, *command = service(name)["healthcheck"]["test"]
    return shlex.split(command[0]) if kind == "CMD-SHELL" else command


def script(path: str) -> str:
    """A file of `containers/`, by the path that its container sees."""
    return (ROOT / "containers" / Path(path).name).read_text(encoding="utf-8")


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


# --- The engines ---------------------------------------------------------------------------------


def test_the_services_are_those_of_the_settings() -> None:
    assert set(compose()["services"]) == {*LONG_RUNNING, "prepare"}
    assert {name for _, name, _ in checks._URLS} == set(ENGINES)


@pytest.mark.parametrize("setting", ENGINES)
def test_the_image_is_a_supported_version(setting: str) -> None:
    name, engine, *_ = ENGINES[setting]
    image, _, tag = service(name)["image"].rpartition(":")
    assert IMAGES[engine] == image
    number = re.search(r"\d+(\.\d+)*$", tag)
    assert number, f"{tag} ends with no version"
    first, last = ([int(n) for n in text.split(".")] for text in SUPPORTED_VERSIONS[engine])
    found = [int(n) for n in number[0].split(".")]
    assert first <= found
    assert found[: len(last)] <= last


def test_the_client_of_qdrant_speaks_to_its_server() -> None:
    """Qdrant promises that for the same major version, one minor version apart."""
    server = [int(n) for n in service("qdrant")["image"].rpartition(":v")[2].split(".")]
    client = [int(n) for n in version("qdrant-client").split(".")]
    assert server[0] == client[0]
    assert abs(server[1] - client[1]) <= 1


@pytest.mark.parametrize("name", PLATFORM)
def test_the_platform_gets_what_the_settings_read(name: str) -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(
        re.findall(r'(?:env(?:ironment)?\.\w+|_required|environ\.get)\(\s*"([A-Z_]+)"', source)
    )
    assert set(environment(name)) <= read | set(sandbox._PASSED_ON)
    assert set(ENGINES) <= set(environment(name))
    assert {"SECRET_KEY", "QDRANT_API_KEY", "PUBLIC_URL"} <= set(environment(name))
    assert {"SEARCH_LANGUAGE", "OCR_LANGUAGES", "CHAT_URL", "CHAT_MODEL"} <= set(environment(name))


@pytest.mark.parametrize("setting", ENGINES)
def test_an_address_is_one_that_the_checks_accept(setting: str) -> None:
    path = {name: path for _, name, path in checks._URLS}[setting]
    import_string(path)(filled(environment("web")[setting]))


@pytest.mark.parametrize("setting", ENGINES)
def test_an_address_leads_to_its_service(setting: str) -> None:
    name, _, port, _ = ENGINES[setting]
    assert (address(setting).hostname, address(setting).port) == (name, port)


@pytest.mark.parametrize("setting", ENGINES)
def test_an_engine_keeps_its_data(setting: str) -> None:
    name, _, _, folder = ENGINES[setting]
    mounts = dict(reversed(text.split(":")[:2]) for text in service(name)["volumes"])
    assert mounts[folder] in compose()["volumes"]


def test_postgres_is_asked_as_the_platform_asks() -> None:
    url, given, words = address("DATABASE_URL"), environment("postgres"), health("postgres")
    assert words[0] == "pg_isready"
    assert given["POSTGRES_USER"] == url.username == option(words, "-U")
    assert given["POSTGRES_DB"] == url.path.strip("/") == option(words, "-d")
    assert option(words, "-p") == str(url.port)
    assert option(words, "-h") == "127.0.0.1"
    assert filled(given["POSTGRES_PASSWORD"]) == url.password


def test_redis_is_asked_with_its_password_and_writes_to_disk() -> None:
    url, command, words = address("REDIS_URL"), service("redis")["command"], health("redis")
    assert words[0] == "redis-cli"
    assert option(words, "-p") == str(url.port)
    assert filled(environment("redis")["REDISCLI_AUTH"]) == url.password
    assert filled(option(command, "--requirepass")) == url.password
    assert option(command, "--appendonly") == "yes"
    assert option(command, "--maxmemory-policy") == "noeviction"


def test_mongo_is_a_set_of_one_that_clients_sign_in_to() -> None:
    url, given, words = address("MONGODB_URL"), environment("mongo"), health("mongo")
    start, check = script(service("mongo")["entrypoint"][-1]), script(words[-1])
    options = parse_qs(url.query)
    assert words[0] == "mongosh"
    assert option(words, "--port") == str(url.port)
    assert given["MONGO_INITDB_ROOT_USERNAME"] == url.username
    assert filled(given["MONGO_INITDB_ROOT_PASSWORD"]) == url.password
    assert options["authSource"] == ["admin"]
    (name,) = options["replicaSet"]
    assert option(shlex.split(start.splitlines()[-1]), "--replSet") == name
    assert "--keyFile" in shlex.split(start.splitlines()[-1])
    assert f'_id: "{name}"' in check
    assert f'host: "{url.hostname}:{url.port}"' in check
    assert set(re.findall(r"process\.env\.(\w+)", check)) == set(given)


def test_qdrant_has_the_key_and_tells_nobody() -> None:
    given = environment("qdrant")
    assert given["QDRANT__SERVICE__API_KEY"] == environment("web")["QDRANT_API_KEY"]
    assert given["QDRANT__TELEMETRY_DISABLED"] == "true"
    check = script(health("qdrant")[-1])
    assert f"/dev/tcp/127.0.0.1/{address('QDRANT_URL').port}" in check
    assert "GET /readyz " in check


def test_cassandra_has_the_role_of_the_platform_and_a_heap() -> None:
    url, given = address("CASSANDRA_URL"), environment("cassandra")
    check = script(health("cassandra")[-1])
    assert filled(given["CASSANDRA_PASSWORD"]) == url.password
    assert f"CREATE ROLE IF NOT EXISTS {url.username}" in check
    assert f'ask {url.username} "$CASSANDRA_PASSWORD" "LIST ROLES"' in check
    assert "DROP ROLE IF EXISTS cassandra" in check
    assert f" 127.0.0.1 {url.port}\n" in check
    start = script(service("cassandra")["entrypoint"][-1])
    assert "s/AllowAllAuthenticator/PasswordAuthenticator/" in start
    assert megabytes(given["MAX_HEAP_SIZE"]) * 2 < megabytes(service("cassandra")["mem_limit"])
    assert megabytes(given["HEAP_NEWSIZE"]) < megabytes(given["MAX_HEAP_SIZE"])


def megabytes(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "g": 1024}[text[-1].lower()]


# --- The platform --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """What `make run` starts, by name."""
    launcher = Launcher(ROOT, tmp_path_factory.mktemp("var"), Console())
    with socket.socket() as web:
        yield {found.name: found for found in launcher._services(web)}


def kind_of(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """The program with its subcommand, and the options that decide how it works."""
    decisive = ("--worker-class", "--timeout", "--threads", "--pool", "--loglevel", "--queues")
    switches = ("--without-gossip", "--without-mingle", "--no-control-socket")
    program = words[:2] if words[0] == "gunicorn" else words[:4]
    options = {name: option(words, name) for name in decisive if name in words}
    return program, options | {name: "on" for name in switches if name in words}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_service_runs_what_the_launcher_runs(name: str, launched: dict[str, Service]) -> None:
    assert kind_of(service(name)["command"]) == kind_of(launched[name].argv[2:])
    assert environment(name).get("POSTGRES_POOL") == launched[name].environ.get("POSTGRES_POOL")


def test_each_queue_that_tasks_go_to_has_a_worker(launched: dict[str, Service]) -> None:
    assert set(settings.CELERY_TASK_ROUTES) <= set(app.tasks)
    asked = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    for words in (service("ingestion")["command"], launched["ingestion"].argv):
        assert {option(words, "--queues")} == asked
    for words in (service("worker")["command"], launched["worker"].argv):
        assert option(words, "--queues") == app.conf.task_default_queue


def test_a_task_may_take_longer_than_the_longest_file() -> None:
    longest = limits.PARSE_SECONDS + limits.OCR_SECONDS
    assert longest < app.conf.task_soft_time_limit < app.conf.task_time_limit


def test_prepare_comes_after_the_engines_and_before_the_rest() -> None:
    assert service("prepare")["depends_on"] == {
        name: {"condition": "service_healthy"} for name, *_ in ENGINES.values()
    }
    for name in PROGRAMS:
        assert service(name)["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"}
        }
    commands = re.findall(r"manage\.py (\w+)", service("prepare")["command"][-1])
    assert commands == ["migrate", "prepare_stores", "collectstatic"]
    assert service("prepare")["restart"] == "no"


def test_the_health_of_the_web_is_an_address_of_the_platform() -> None:
    words = service("web")["command"]
    _, _, inside = service("web")["ports"][0].rpartition(":")
    (asked,) = re.findall(r"http://[^']+", health("web")[-1])
    assert option(words, "--bind") == f"0.0.0.0:{inside}"
    assert urlsplit(asked).netloc == f"127.0.0.1:{inside}"
    assert resolve(urlsplit(asked).path).url_name == "health-ready"


def test_the_health_of_the_worker_and_of_beat_is_their_own() -> None:
    for name, node in (("worker", "celery"), ("ingestion", "ingestion")):
        assert health(name)[:5] == ["celery", "-A", "config", "inspect", "ping"]
        assert option(health(name), "--destination").partition("@")[0] == node
    assert option(service("ingestion")["command"], "--hostname") == "ingestion@%h"
    check = script(health("beat")[-1])
    assert f'Path("{option(service("beat")["command"], "--schedule")}")' in check
    assert (ROOT / Path(health("beat")[-1]).relative_to("/app")).is_file()


# --- All of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_is_watched_and_started_again(name: str) -> None:
    assert set(service(name)["healthcheck"]) >= {"test", "interval", "timeout", "retries"}
    assert service(name)["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", [*LONG_RUNNING, "prepare"])
def test_a_service_has_limits(name: str) -> None:
    assert megabytes(service(name)["mem_limit"]) <= 3 * 1024
    assert 0 < service(name)["cpus"] <= 2
    assert 0 < service(name)["pids_limit"] <= 1000


@pytest.mark.parametrize("name", PLATFORM)
def test_the_platform_writes_to_its_volumes_only(name: str) -> None:
    found = service(name)
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found["volumes"] == ["files:/app/var", "/tmp"]


def test_volumes_are_used_and_files_are_there() -> None:
    named = set()
    for found in compose()["services"].values():
        for source, _, rest in (text.partition(":") for text in found["volumes"]):
            if source.startswith("."):
                assert (ROOT / source).is_dir()
                assert rest == "/containers:ro"
            elif rest:
                named.add(source)
    assert named == set(compose()["volumes"])


def test_no_secret_has_a_default() -> None:
    for name, kind, default in VARIABLE.findall(compose_text()):
        if name in OPTIONAL_SECRETS:
            assert (kind, default) == (":-", "")
        else:
            assert not SECRET.search(name) or kind == ":?", name
    for found in compose()["services"]:
        for name, value in environment(found).items():
            if SECRET.search(name) and name not in OPTIONAL_SECRETS:
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name} of {found}"


def test_every_address_with_a_password_takes_it_from_the_environment() -> None:
    for setting in ENGINES:
        password = address(setting).password
        assert password is None or password.startswith("dummy")
    assert address("QDRANT_URL").password is None


def test_only_the_web_is_reached_from_outside() -> None:
    for name, found in compose()["services"].items():
        reaches_out = name in ("web", "worker", "ingestion")
        assert found["networks"] == ["engines", "outside"][: 1 + reaches_out], name
        assert ("ports" in found) == (name == "web"), name
        assert "network_mode" not in found
    assert compose()["networks"]["engines"] == {"internal": True}
    assert all(port.startswith("127.0.0.1:") for port in service("web")["ports"])


# --- The image -----------------------------------------------------------------------------------


def dockerfile() -> list[tuple[str, str]]:
    """Its instructions in order, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of every stage by its name; the last one's is ""."""
    found: dict[str, list[tuple[str, str]]] = {}
    for instruction, rest in dockerfile():
        if instruction == "FROM":
            current = found.setdefault(rest.partition(" AS ")[2], [])
        elif found:
            current.append((instruction, rest))
    return found


def test_the_last_stage_is_not_root_and_runs_what_web_runs() -> None:
    last = stages()[""]
    assert len(stages()) >= 2
    (user,) = [rest for instruction, rest in last if instruction == "USER"]
    assert user not in ("root", "0")
    assert any(f"useradd --create-home --uid 10001 {user}" in rest for _, rest in last)
    (command,) = [rest for instruction, rest in last if instruction == "CMD"]
    assert yaml.safe_load(command) == service("web")["command"]
    assert ("WORKDIR", "/app") in last
    assert ("RUN", f"mkdir -p var && chown {user} var") in last


def test_the_image_reads_scans_in_the_language_that_the_platform_asks_for() -> None:
    build = service("ingestion")["build"]
    assert build["context"] == "."
    packages = filled(build["args"]["OCR_PACKAGES"])
    assert ("ARG", f"OCR_PACKAGES={packages}") in stages()[""]
    assert any(
        "apt-get install" in rest and "${OCR_PACKAGES}" in rest
        for instruction, rest in stages()[""]
        if instruction == "RUN"
    )
    # Debian's package has English with it.
    assert (packages, filled(environment("ingestion")["OCR_LANGUAGES"])) == ("tesseract-ocr", "eng")


def test_what_is_copied_is_there() -> None:
    names = set(stages())
    for instruction, rest in dockerfile():
        if instruction != "COPY":
            continue
        words = rest.split()
        if words[0].startswith("--from="):
            assert words[0].removeprefix("--from=") in names
            continue
        for source in words[:-1]:
            assert source.startswith("--") or (ROOT / source).exists(), source


def test_each_embedder_can_be_built() -> None:
    assert dockerfile()[0] == ("ARG", "EMBEDDER=onnx")
    kinds = {name.removeprefix("base-") for name in stages() if name.startswith("base-")}
    assert kinds == {"onnx", "sentence-transformers"}
    assert kinds == {n.removeprefix("packages-") for n in stages() if n.startswith("packages-")}
    chosen = {}
    for kind in kinds:
        ((_, line),) = [pair for pair in stages()[f"base-{kind}"] if pair[0] == "ENV"]
        chosen[kind] = line.removeprefix("EMBEDDER=")
        module = chosen[kind].rpartition(".")[0].replace(".", "/")
        assert (ROOT / f"{module}.py").is_file()
    assert import_string(chosen["onnx"])
    assert chosen["onnx"] == settings.EMBEDDER["BACKEND"]
    name = chosen["sentence-transformers"].rpartition(".")[2]
    source = (ROOT / "retrieval/embedders/sentence_transformers.py").read_text(encoding="utf-8")
    assert f"class {name}(" in source


def test_packages_are_installed_by_their_hashes() -> None:
    """All but torch, which comes from another index than that of the lock."""
    for name, instructions in stages().items():
        for _, rest in (pair for pair in instructions if "pip install" in pair[1]):
            for command in rest.split("&&"):
                if "pip install" in command:
                    from_cpu_index = "https://download.pytorch.org/whl/cpu" in command
                    assert from_cpu_index or "--require-hashes" in command, name
                    assert "--no-deps" in command, name
    source = " ".join(rest for _, rest in dockerfile())
    for path in re.findall(r"requirements/[\w.-]+", source):
        assert (ROOT / path).is_file()


def without_cuda(*arguments: str) -> str:
    return subprocess.run(
        ["sh", "requirements/without-cuda", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_requirements_without_a_gpu() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    packages = re.compile(r"^([a-z0-9-]+)==\S+", re.MULTILINE)
    kept, all_names = without_cuda(), set(packages.findall(lock))
    left_out = all_names - set(packages.findall(kept))
    assert {"torch", "triton", "nvidia-cublas", "cuda-toolkit"} <= left_out
    assert {name.partition("-")[0] for name in left_out} == {"torch", "triton", "nvidia", "cuda"}
    assert {"sentence-transformers", "transformers"} <= set(packages.findall(kept))
    assert "-r requirements/run.txt\n" in kept
    # Each block is whole: its first line and all of its hashes, as they are in the lock.
    for block in re.split(r"^(?=[a-z0-9-]+==)", kept, flags=re.MULTILINE):
        assert block in lock
        assert not block.rstrip().endswith("\\")
    assert without_cuda("torch") == f"{re.search(r'^torch==[0-9.]+', lock, re.MULTILINE)[0]}\n"
