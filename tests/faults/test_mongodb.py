"""MongoDB that is away, slow, or dies in the middle of a call: a server of these tests' own."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.activity import Activity
from analytics.stores.activity.base import ActivityQuery
from analytics.stores.activity.mongodb import MongoActivityLogStore
from analytics.tests.threads import in_threads
from config import limits
from config.connections.base import Connection
from config.errors import StoreUnavailable
from tests.contracts import absent
from tests.servers.errors import Missing
from tests.servers.mongodb import MongoServer

TIMEOUT = 1  # seconds, in place of the platform's own
RETRY_AFTER = 0.3
OPTIONS = "&".join(
    f"{name}={TIMEOUT}000"
    for name in ("socketTimeoutMS", "serverSelectionTimeoutMS", "connectTimeoutMS")
)
# A read is tried twice: each time a server is looked for, and waited for.
BOUND = 4 * TIMEOUT + 1

OPERATIONS: dict[str, Callable[[MongoActivityLogStore], Any]] = {
    "add": lambda store: store.add([entry()]),
    "find": lambda store: store.find(ActivityQuery(), limit=1),
    "scan": lambda store: store.scan(limit=1),
    "estimate": lambda store: store.estimate(),
    "prepare": lambda store: list(store.prepare()),
    "inspect": lambda store: list(store.inspect()),
    "version": lambda store: store.connection.version(),
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def entry(action: str = "login") -> Activity:
    return Activity(str(uuid4()), action, "session", "1", timezone.now())


@pytest.fixture(scope="module")
def private_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    if not os.environ.get("LECTERN_TEST_MONGODB_URL"):
        absent("mongodb")
    server = MongoServer(Path(tmp_path_factory.mktemp("mongodb")))
    try:
        server.start()
    except Missing:
        absent("mongodb")
    yield server
    server.stop()


@pytest.fixture
def server(private_server: MongoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[MongoServer]:
    """The server as it should be, before and after a test."""
    monkeypatch.setattr(limits, "RETRY_AFTER", RETRY_AFTER)
    before = set(Connection._shared)
    private_server.resume()
    private_server.start()
    yield private_server
    private_server.resume()
    private_server.start()
    for key in set(Connection._shared) - before:
        Connection._shared.pop(key).close()


@pytest.fixture
def store(server: MongoServer) -> MongoActivityLogStore:
    store = store_of(server)
    assert all(state.ok for state in store.prepare())
    return store


def store_of(server: MongoServer, options: str = OPTIONS) -> MongoActivityLogStore:
    """A store in a database of its own, so with a connection of its own."""
    address = server.url.rpartition("/")[0]
    return MongoActivityLogStore(url=f"{address}/test_{uuid4().hex}?{options}")


def seconds_until_unavailable(
    operation: Callable[[MongoActivityLogStore], Any], store: MongoActivityLogStore
) -> float:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        operation(store)
    return time.monotonic() - started


@each_operation
def test_down_at_the_first_use(
    server: MongoServer, operation: Callable[[MongoActivityLogStore], Any]
) -> None:
    store = store_of(server)
    server.kill()
    assert seconds_until_unavailable(operation, store) < BOUND
    assert seconds_until_unavailable(operation, store) < 0.1  # it is not tried again at once
    server.start()
    time.sleep(RETRY_AFTER)
    operation(store)


@each_operation
def test_down_later(
    server: MongoServer,
    store: MongoActivityLogStore,
    operation: Callable[[MongoActivityLogStore], Any],
) -> None:
    server.kill()
    assert seconds_until_unavailable(operation, store) < BOUND
    server.start()
    operation(store)


@each_operation
def test_a_server_that_hangs(
    server: MongoServer,
    store: MongoActivityLogStore,
    operation: Callable[[MongoActivityLogStore], Any],
) -> None:
    server.pause()
    assert seconds_until_unavailable(operation, store) < BOUND
    server.resume()
    operation(store)


def test_a_server_that_hangs_at_the_first_use(server: MongoServer) -> None:
    store = store_of(server)
    server.pause()
    assert seconds_until_unavailable(OPERATIONS["find"], store) < BOUND
    server.resume()
    time.sleep(RETRY_AFTER)
    OPERATIONS["add"](store)


def test_its_database_dies_beneath_it(server: MongoServer, store: MongoActivityLogStore) -> None:
    server.postgres.kill()
    assert seconds_until_unavailable(OPERATIONS["find"], store) < BOUND
    assert seconds_until_unavailable(OPERATIONS["add"], store) < BOUND
    server.postgres.start()
    OPERATIONS["add"](store)


def test_killed_while_eight_threads_write(
    server: MongoServer, store: MongoActivityLogStore
) -> None:
    batches = [[entry(f"{batch}.{n}") for n in range(10)] for batch in range(160)]
    begun = threading.Semaphore(0)

    def write(batch: list[Activity]) -> StoreUnavailable | None:
        begun.release()
        try:
            store.add(batch)
        except StoreUnavailable as error:
            return error
        return None

    with ThreadPoolExecutor(1) as aside:
        writing = aside.submit(in_threads, write, batches)
        for _ in range(40):
            begun.acquire()
        server.kill()
        server.start()  # in this thread: a server dies with the thread that starts it
        errors = writing.result()

    written = [
        one for batch, error in zip(batches, errors, strict=True) if not error for one in batch
    ]
    found = [one.id for one in store.find(ActivityQuery(), limit=5000)]
    assert any(errors)
    assert len(written) > 0
    assert len(found) == len(set(found))
    assert {one.id for one in written} <= set(found)

    assert not any(in_threads(write, batches))
    found = [one.id for one in store.find(ActivityQuery(), limit=5000)]
    assert sorted(found) == sorted(one.id for batch in batches for one in batch)


def test_a_full_pool_is_not_waited_for_longer_than_told(server: MongoServer) -> None:
    options = "maxPoolSize=1&minPoolSize=0&waitQueueTimeoutMS=200&socketTimeoutMS=3000"
    store = store_of(server, options)
    OPERATIONS["add"](store)
    server.pause()
    # Its answer comes when the server goes on.
    holder = threading.Thread(target=OPERATIONS["add"], args=(store,))
    holder.start()
    _wait_until(lambda: store.connection.pools()[0].in_use == 1)

    with pytest.raises(StoreUnavailable, match="free in time"):
        store.add([entry()])
    [pool] = store.connection.pools()
    assert (pool.size, pool.in_use, pool.limit, pool.waiting) == (1, 1, 1, 0)
    assert pool.waits >= 1
    assert 0.2 <= pool.wait_seconds < 2
    server.resume()
    holder.join()


def test_a_forked_child_has_a_client_of_its_own(
    server: MongoServer, store: MongoActivityLogStore
) -> None:
    mine = store.connection.client
    child = os.fork()
    if not child:
        try:
            store.add([entry("child")])
            own = store.connection.client is not mine and store.connection.pools()[0].size > 0
            os._exit(0 if own else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.add([entry("parent")])
    assert store.connection.client is mine
    assert {one.action for one in store.find(ActivityQuery(), limit=5)} == {"child", "parent"}


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)
