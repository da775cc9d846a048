"""Qdrant that is away, silent, slow to die, or refuses: over real sockets."""

import socket
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from config import limits
from config.connections.base import Connection
from config.errors import DomainError, InvalidInput, StoreUnavailable, TooLarge
from retrieval.stores.qdrant import QdrantDocuments
from retrieval.tests.vectors import points, unit
from tests.faults.scripted import ScriptedServer

TIMEOUT = 1  # seconds, in place of the platform's own
KEY = "a-key-that-nobody-may-see"
EMPTY_LIST = {"result": {"collections": []}, "status": "ok", "time": 0.0}

OPERATIONS: dict[str, Callable[[QdrantDocuments], Any]] = {
    "search": lambda store: store.search(unit(1), classroom_ids=[uuid4()], limit=1),
    "replace": lambda store: store.replace(uuid4(), points(uuid4(), uuid4(), 1)),
    "delete": lambda store: store.delete([uuid4()]),
    "count": lambda store: store.count(),
    "scan": lambda store: store.scan(limit=1),
    "load": lambda store: store.load(points(uuid4(), uuid4(), 1)),
    "prepare": lambda store: list(store.prepare()),
    "inspect": lambda store: list(store.inspect()),
    "version": lambda store: store.connection.version(),
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as found:
        found.answer = EMPTY_LIST
        yield found


@pytest.fixture
def silent_url() -> Iterator[str]:
    """The address of a socket that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def closed_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(limits, "QDRANT_TIMEOUT", TIMEOUT)
    before = set(Connection._shared)
    yield
    for key in set(Connection._shared) - before:
        Connection._shared.pop(key).close()


def seconds_until_unavailable(
    operation: Callable[[QdrantDocuments], Any], store: QdrantDocuments
) -> float:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as raised:
        operation(store)
    assert KEY not in str(raised.value)
    return time.monotonic() - started


@each_operation
def test_a_closed_port(closed_url: str, operation: Callable[[QdrantDocuments], Any]) -> None:
    store = QdrantDocuments(url=closed_url, api_key=KEY)
    assert seconds_until_unavailable(operation, store) < TIMEOUT + 1
    assert seconds_until_unavailable(operation, store) < 0.1  # it is not tried again at once


@each_operation
def test_a_server_that_never_answers(
    silent_url: str, operation: Callable[[QdrantDocuments], Any]
) -> None:
    store = QdrantDocuments(url=silent_url, api_key=KEY)
    assert TIMEOUT <= seconds_until_unavailable(operation, store) < TIMEOUT + 2
    assert seconds_until_unavailable(operation, store) < 0.1


@pytest.mark.parametrize("operation", [OPERATIONS["search"], OPERATIONS["replace"]])
def test_a_server_that_falls_silent(
    server: ScriptedServer, operation: Callable[[QdrantDocuments], Any]
) -> None:
    store = QdrantDocuments(url=server.url, api_key=KEY)
    assert store.connection.client
    server.silent.set()
    assert TIMEOUT <= seconds_until_unavailable(operation, store) < TIMEOUT + 2


def test_a_server_that_comes_back(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RETRY_AFTER", 0.2)
    store = QdrantDocuments(url=server.url)
    server.status = 503
    seconds_until_unavailable(OPERATIONS["version"], store)
    server.status = 200
    time.sleep(0.3)
    assert store.connection.client


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, InvalidInput, "expected dim: 384"),
        (401, StoreUnavailable, "QDRANT_API_KEY"),
        (403, StoreUnavailable, "QDRANT_API_KEY"),
        (404, StoreUnavailable, "prepare_stores"),
        (413, TooLarge, "size"),
        (422, InvalidInput, "expected dim: 384"),
        (429, StoreUnavailable, "too much"),
        (500, StoreUnavailable, "500"),
        (503, StoreUnavailable, "503"),
    ],
)
def test_a_server_that_refuses(
    server: ScriptedServer, status: int, error: type[DomainError], words: str
) -> None:
    store = QdrantDocuments(url=server.url, api_key=KEY)
    assert store.connection.client
    server.status = status
    server.answer = {"status": {"error": "Wrong input: expected dim: 384"}}
    server.headers = {"Retry-After": "3"} if status == 429 else {}
    with pytest.raises(error, match=words) as raised:
        OPERATIONS["search"](store)
    assert type(raised.value) is error
    assert KEY not in str(raised.value)
    assert {request.headers["api-key"] for request in server.requests} == {KEY}


def test_a_wrong_key_is_told_at_the_first_use(server: ScriptedServer) -> None:
    server.status = 401
    store = QdrantDocuments(url=server.url, api_key=KEY)
    with pytest.raises(StoreUnavailable, match="QDRANT_API_KEY"):
        store.connection.version()


def test_an_answer_that_is_not_qdrants(server: ScriptedServer) -> None:
    store = QdrantDocuments(url=server.url)
    assert store.connection.client
    server.answer = "<html>It works!</html>"
    with pytest.raises(StoreUnavailable):
        OPERATIONS["count"](store)


def test_connections_are_kept_and_counted(server: ScriptedServer) -> None:
    store = QdrantDocuments(url=server.url)
    connection = store.connection
    assert connection.pools() == []
    assert connection.client
    (state,) = connection.pools()
    assert (state.size, state.in_use, state.limit) == (1, 0, limits.QDRANT_MAX_CONNECTIONS)
    server.silent.set()
    asking = Thread(target=lambda: seconds_until_unavailable(OPERATIONS["count"], store))
    asking.start()
    time.sleep(TIMEOUT / 2)
    assert connection.pools()[0].in_use == 1
    asking.join()
    assert connection.pools()[0].in_use == 0


def test_a_long_document_goes_in_requests_that_a_server_takes(server: ScriptedServer) -> None:
    document, classroom = uuid4(), uuid4()
    store = QdrantDocuments(url=server.url)
    assert store.connection.client
    server.answer = {"result": {"operation_id": 1, "status": "completed"}, "status": "ok"}
    long = "x" * (limits.QDRANT_BATCH_BYTES // 2)
    store.replace(document, points(document, classroom, 2 * limits.QDRANT_BATCH + 1))
    store.replace(document, points(document, classroom, 3, text=long))
    sizes = [len(request.body["points"]) for request in server.requests if request.method == "PUT"]
    assert sizes == [limits.QDRANT_BATCH, limits.QDRANT_BATCH, 1, 1, 1, 1]
    removals = [request for request in server.requests if request.path.endswith("/delete")]
    assert [len(r.body["filter"]["must_not"][0]["has_id"]) for r in removals] == [513, 3]
    assert [r.body["filter"]["must"][0]["key"] for r in removals] == ["document_id"] * 2
