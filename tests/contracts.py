"""The contract suites: what every engine of a store does, shown on every engine.

A contract test takes a fixture made by `contract_fixture("transcripts")`: it runs once for
each engine of ENGINES["transcripts"], so one entry there makes an engine join. What an engine
can't do is a gap, with its reason: the test must fail there. A contract test can't be left out
for one engine in any other way: a skip counts as a failure, unless the engine's server is not
there at all (and LECTERN_REQUIRE does not promise it). `tests/contract_plugin.py` holds that,
and says at the end what ran against what.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from qdrant_client import models

from config import limits, store_settings
from config.stores import Store, open_store
from tests.servers.running import SERVERS_ENV, running_servers

ABSENT = "server not there"
SERVERS = ("mongodb", "cassandra", "qdrant")


@dataclass(frozen=True)
class Engine:
    """An engine in the suite of one store.

    `config` gives its entry of STORES; `server` is the name of the server that must be there
    (its address is in LECTERN_TEST_<SERVER>_URL); `clean` empties the store between tests
    where no transaction is rolled back; `gaps` maps the name of a test to why it must fail,
    `local_gaps` likewise while the engine runs without its server.
    """

    name: str
    config: Callable[[], dict[str, Any]]
    server: str = ""
    clean: Callable[[Store[Any]], None] = lambda store: None
    gaps: Mapping[str, str] = field(default_factory=dict)
    local_gaps: Mapping[str, str] = field(default_factory=dict)


def engine_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """What leads the suites to their servers: those of the environment, else of `make engines`.

    With LECTERN_TEST_ON=servers also the platform's own DATABASE_URL and REDIS_URL.
    """
    running = running_servers()
    for server, name in (("postgresql", "DATABASE_URL"), ("redis", "REDIS_URL")):
        if server in required() and name not in running:
            raise pytest.UsageError(f"LECTERN_REQUIRE promises {server}, and it is not there")
    found = {}
    for server in SERVERS:
        name = f"{server.upper()}_URL"
        if url := environ.get(name) or running.get(name):
            found[f"LECTERN_TEST_{name}"] = url
    if environ.get("LECTERN_TEST_ON") == "servers":
        for name in ("DATABASE_URL", "REDIS_URL"):
            if name not in running:
                raise pytest.UsageError(f"{SERVERS_ENV} has no running {name}: 'make engines'")
            found[name] = running[name]
    return found


def required() -> list[str]:
    """What this run promised to have."""
    return os.environ.get("LECTERN_REQUIRE", "").split(",")


def server_url(server: str) -> str:
    """The address of a server, in a database of this worker's own; "" if there is none."""
    url = os.environ.get(f"LECTERN_TEST_{server.upper()}_URL", "")
    if not url or server == "qdrant":
        return url
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return urlunsplit(urlsplit(url)._replace(path=f"/lectern_test_{worker}"))


def _embedded(name: str, **fields: Any) -> Engine:
    return Engine(
        fields.pop("engine", "postgresql"), lambda: store_settings.EMBEDDED[name], **fields
    )


def _mongodb(name: str, **fields: Any) -> Engine:
    return Engine(
        "mongodb",
        lambda: store_settings.mongodb_stores(server_url("mongodb"))[name],
        server="mongodb",
        clean=_empty_collections,
        **fields,
    )


def _empty_collections(store: Store[Any]) -> None:
    for collection in store.collections:
        store.connection.database[collection.name].delete_many({})


def _cassandra(name: str, **fields: Any) -> Engine:
    return Engine(
        "cassandra",
        lambda: store_settings.cassandra_stores(server_url("cassandra"))[name],
        server="cassandra",
        clean=_truncate,
        **fields,
    )


def _truncate(store: Store[Any]) -> None:
    connection = store.connection
    table = f"{connection.keyspace}.{store.table.name}"  # type: ignore[attr-defined]
    with connection.available():
        connection.client.execute(f"TRUNCATE {table}", timeout=limits.CASSANDRA_SCHEMA_TIMEOUT)


def _qdrant(name: str, **fields: Any) -> Engine:
    """Over a server where QDRANT_URL is set, else over the client's own local mode."""
    return Engine(
        "qdrant",
        lambda: _qdrant_config(name),
        clean=_empty_collection,
        local_gaps={
            "test_the_whole_schema_is_there": "local mode has no payload indexes, no strict mode"
        },
        **fields,
    )


def _qdrant_config(name: str) -> dict[str, Any]:
    """With collections of this worker's own: those of the platform are never touched."""
    url = server_url("qdrant")
    key = os.environ.get("QDRANT_API_KEY", "") if url else ""
    found = store_settings.qdrant_stores(url or ":memory:", api_key=key)[name]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return {**found, "OPTIONS": {**found["OPTIONS"], "prefix": f"lectern_test_{worker}_"}}


def _empty_collection(store: Store[Any]) -> None:
    everything = models.FilterSelector(filter=models.Filter())
    with store.connection.using() as client:
        name = f"{store.options['prefix']}{store.collection}"  # type: ignore[attr-defined]
        client.delete(name, points_selector=everything, wait=True)


ENGINES: dict[str, tuple[Engine, ...]] = {
    "transcripts": (_embedded("transcripts"), _mongodb("transcripts")),
    "proctoring_reports": (_embedded("proctoring_reports"), _mongodb("proctoring_reports")),
    "activity_logs": (_embedded("activity_logs"), _mongodb("activity_logs")),
    "documents": (_embedded("documents", engine="pgvector"), _qdrant("documents")),
    "web_content": (_embedded("web_content", engine="pgvector"), _qdrant("web_content")),
    "events": (
        _embedded("events"),
        _cassandra(
            "events",
            gaps={
                "test_an_id_that_comes_again_at_another_time_is_known": (
                    "the spec's key has the time before the id, so it is another event"
                ),
                "test_of_many_writers_of_an_event_one_is_first": (
                    "it looks, then writes: two at the same moment may both be told it is new"
                    " (it is there once, and the reconciler mends the counters)"
                ),
            },
        ),
    ),
    "page_view_stats": (_embedded("page_view_stats"), _cassandra("page_view_stats")),
    "user_engagement": (_embedded("user_engagement"), _cassandra("user_engagement")),
    "learning_progress": (_embedded("learning_progress"), _cassandra("learning_progress")),
}


def contract_fixture(name: str) -> Any:
    """A fixture that gives the store `name` on each of its engines, prepared and empty."""

    @pytest.fixture(params=[pytest.param(engine, id=engine.name) for engine in ENGINES[name]])
    def store(request: pytest.FixtureRequest, db: None) -> Iterator[Store[Any]]:
        engine: Engine = request.param
        made = opened(engine)
        request.node.user_properties.append(("engine", f"{name}: {_described(engine, made)}"))
        yield made

    return store


_prepared: set[tuple[str, str]] = set()
_descriptions: dict[tuple[str, str], str] = {}


def opened(engine: Engine) -> Store[Any]:
    """The engine's store, prepared and empty; skips or fails when its server is not there."""
    if engine.server and not server_url(engine.server):
        absent(engine.server)
    if engine.name == "pgvector" and not has_pgvector():
        absent("pgvector")
    store = open_store(engine.config())
    key = (engine.name, engine.config()["BACKEND"])
    if engine.name in ("postgresql", "pgvector"):
        return store  # prepared by conftest, emptied by the test's transaction or after it
    if key not in _prepared:
        assert all(state.ok for state in store.prepare())
        _prepared.add(key)
    engine.clean(store)
    return store


def absent(server: str) -> None:
    """Skip for want of a server, or fail where LECTERN_REQUIRE promises it."""
    if server in required():
        pytest.fail(f"LECTERN_REQUIRE promises {server}, and it is not there")
    pytest.skip(f"{ABSENT}: {server}")


def has_pgvector() -> bool:
    """Whether the PostgreSQL under test can hold vectors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
        return bool(cursor.fetchone()[0])


def _described(engine: Engine, store: Store[Any]) -> str:
    key = (engine.name, store.connection.url)
    if key not in _descriptions:
        _descriptions[key] = f"{engine.name} {store.connection.version()}"
    return _descriptions[key]
