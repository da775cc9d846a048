"""Cassandra that is away, hangs, or dies in the middle: a node of the tests' own."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any
from uuid import uuid4

import pytest
from cassandra import OperationTimedOut, ReadTimeout, Unavailable, WriteTimeout, WriteType
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionException
from django.utils.timezone import now

from analytics.stores.events.cassandra import CassandraEventStore
from analytics.stores.rollups.base import PageHour, PageViews, UserEngagement
from analytics.stores.rollups.cassandra import (
    CassandraLearningProgressStore,
    CassandraPageViewStore,
    CassandraUserEngagementStore,
)
from analytics.tests.factories import event
from config import limits
from config.connections.base import Connection
from config.connections.cassandra import CassandraConnection
from config.errors import StoreUnavailable
from tests.contracts import absent, server_url
from tests.servers.cassandra import CassandraServer

TIMEOUT = 2  # seconds, in place of the platform's own
PATIENCE = 60  # for a node that starts
WRITERS = 8
HOUR = now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
TODAY = HOUR.date()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CassandraServer]:
    if not server_url("cassandra"):
        absent("cassandra")
    server = CassandraServer(tmp_path_factory.mktemp("cassandra"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(node: CassandraServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[CassandraServer]:
    """The node, which serves; sessions are of this test alone."""
    monkeypatch.setattr(limits, "CASSANDRA_CONNECT_TIMEOUT", TIMEOUT)
    monkeypatch.setattr(limits, "CASSANDRA_REQUEST_TIMEOUT", TIMEOUT)
    monkeypatch.setattr(limits, "RETRY_AFTER", 0.5)
    before = set(Connection._shared)
    node.resume()
    node.start()
    yield node
    node.resume()
    for key in set(Connection._shared) - before:
        Connection._shared.pop(key).close()


def events_at(server: CassandraServer) -> CassandraEventStore:
    return prepared(CassandraEventStore(url=server.url))


def prepared(store: Any) -> Any:
    # The first use of a node that has just started may take its time.
    when_back(lambda: list(store.prepare()))
    assert all(state.ok for state in store.inspect())
    return store


def when_back(work: Callable[[], Any]) -> Any:
    """What `work` gives as soon as the node serves again."""
    gives_up = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except StoreUnavailable:
            if time.monotonic() > gives_up:
                raise
            time.sleep(0.2)


def seconds_until_unavailable(work: Callable[[], Any]) -> float:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        work()
    return time.monotonic() - started


def operations(url: str) -> dict[str, Callable[[], Any]]:
    events, views = CassandraEventStore(url=url), CassandraPageViewStore(url=url)
    days, weeks = CassandraUserEngagementStore(url=url), CassandraLearningProgressStore(url=url)
    return {
        "events.add": lambda: events.add([event(at=HOUR)]),
        "events.of_hour": lambda: list(events.of_hour(HOUR)),
        "events.scan": lambda: events.scan(limit=10),
        "views.add": lambda: views.add({PageHour(TODAY, 9, "/a"): 1}),
        "views.of_date": lambda: views.of_date(TODAY),
        "engagement.save": lambda: days.save([UserEngagement(uuid4(), TODAY, 1, 1, 1, 1, 1.0)]),
        "engagement.histories": lambda: days.histories([uuid4(), uuid4()]),
        "learning.in_subject": lambda: weeks.in_subject(uuid4(), "Mathematics"),
        "inspect": lambda: list(events.inspect()),
        "version": lambda: events.connection.version(),
    }


def test_down_at_the_first_use(server: CassandraServer) -> None:
    for store in (CassandraEventStore, CassandraPageViewStore):
        prepared(store(url=server.url)).close()
    time.sleep(limits.RETRY_AFTER)
    server.kill()
    for work in operations(server.url).values():
        assert seconds_until_unavailable(work) < TIMEOUT
    server.start()
    when_back(operations(server.url)["events.add"])
    when_back(operations(server.url)["views.add"])


def test_down_while_a_session_is_open(server: CassandraServer) -> None:
    for store in (
        CassandraEventStore,
        CassandraPageViewStore,
        CassandraUserEngagementStore,
        CassandraLearningProgressStore,
    ):
        prepared(store(url=server.url))
    for work in operations(server.url).values():
        work()
    server.kill()
    for work in operations(server.url).values():
        assert seconds_until_unavailable(work) < TIMEOUT + 1
    server.start()
    for work in operations(server.url).values():
        when_back(work)


def test_hanging(server: CassandraServer) -> None:
    events = events_at(server)
    prepared(CassandraPageViewStore(url=server.url))
    some = operations(server.url)
    asked = [some[name] for name in ("events.add", "events.of_hour", "views.add", "version")]
    for work in asked:
        work()
    server.pause()
    with ThreadPoolExecutor(len(asked)) as pool:
        waited = list(pool.map(seconds_until_unavailable, asked))
    assert max(waited) < TIMEOUT + 2
    events.close()
    assert seconds_until_unavailable(some["version"]) < 3 * TIMEOUT  # a new session
    server.resume()
    for work in asked:
        when_back(work)


def test_a_hanging_node_is_left_alone(
    server: CassandraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = events_at(server)
    some = operations(server.url)
    asked = [some[name] for name in ("events.of_hour", "events.add", "events.scan", "version")]
    for work in asked:
        work()
    monkeypatch.setattr(limits, "RETRY_AFTER", 5)
    server.pause()
    assert seconds_until_unavailable(asked[0]) < TIMEOUT + 1
    for work in asked:
        assert seconds_until_unavailable(work) < 0.5
    assert events.connection.pools()  # the metrics ask nothing of the server
    server.resume()
    for work in asked:
        when_back(work)


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (OperationTimedOut(), True),
        (NoHostAvailable("", {"node": ConnectionException("Host has been marked down")}), True),
        (NoHostAvailable("", {"node": Unavailable("too few copies")}), False),
        (Unavailable("too few copies"), False),
        (ReadTimeout("too few answers"), False),
        (WriteTimeout("too few answers", write_type=WriteType.SIMPLE), False),
    ],
)
def test_a_node_that_answers_is_asked_again(error: Exception, silent: bool) -> None:
    connection = CassandraConnection("cassandra://127.0.0.1:9/a")
    with pytest.raises(StoreUnavailable), connection.available():
        raise error
    assert connection._given_up() == silent


def test_killed_while_many_add_events(server: CassandraServer) -> None:
    events, hour = events_at(server), HOUR - timedelta(hours=1)
    batches = [
        [event(at=hour + timedelta(milliseconds=(n * 20 + m) % 3_600_000)) for m in range(20)]
        for n in range(4000)
    ]
    returned, raised = work_until_killed(server, lambda batch: events.add(batch), batches)
    assert returned
    assert raised
    when_back(lambda: next(events.of_hour(hour), None))
    there = Counter(found.event_id for found in events.of_hour(hour))
    assert set(there.values()) == {1}
    assert {item.event_id for batch in returned for item in batch} <= set(there)
    tried = [*returned, *raised]
    new = [events.add(batch) for batch in tried]  # the replay of all
    assert not set().union(*new) & set(there)
    found = [item.event_id for item in events.of_hour(hour)]
    assert len(found) == len(set(found)) == 20 * len(tried)


def test_killed_while_many_count(server: CassandraServer) -> None:
    views: CassandraPageViewStore = prepared(CassandraPageViewStore(url=server.url))
    pages = [PageHour(TODAY + timedelta(1), 9, f"/{n}") for n in range(30)]
    changes = [dict.fromkeys(pages, 1) for _ in range(4000)]
    returned, raised = work_until_killed(server, views.add, changes)
    assert returned
    assert raised
    when_back(lambda: views.of_date(TODAY))
    counts = [row.view_count for row in views.of_date(pages[0].date)]
    # What was answered is counted, and nothing was sent twice.
    assert len(returned) <= min(counts)
    assert max(counts) <= len(returned) + len(raised)
    exact = [PageViews(*page, 1000 + n) for n, page in enumerate(pages)]
    for _ in range(2):
        views.load(exact)
        assert {row.key: row.view_count for row in views.of_date(pages[0].date)} == {
            row.key: row.view_count for row in exact
        }


def work_until_killed(
    server: CassandraServer, work: Callable[[Any], Any], items: list[Any]
) -> tuple[list[Any], list[Any]]:
    """The items with which `work` returned and those with which it found the store away.

    The node is killed in the middle and started again. Any other error is raised.
    """
    waiting, returned, raised = iter(items), [], []
    dead = Flag()

    def writer() -> None:
        while not dead.is_set() and (item := next(waiting, None)) is not None:
            try:
                work(item)
                returned.append(item)
            except StoreUnavailable:
                raised.append(item)
                dead.wait(0.05)

    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(writer) for _ in range(WRITERS)]
        time.sleep(1.5)
        server.kill()
        time.sleep(0.5)
        dead.set()
        for one in running:
            one.result()
    server.start()
    return returned, raised


def test_a_forked_child_has_its_own_session(server: CassandraServer) -> None:
    events = events_at(server)
    mine, childs = event(at=HOUR), event(at=HOUR)
    events.add([mine])
    child = os.fork()
    if child == 0:
        status = 1
        try:
            new = events.add([childs, mine])
            status = 0 if new == {childs.event_id} and events.connection.opened else 2
        finally:
            os._exit(status)
    later = event(at=HOUR)
    assert events.add([later]) == {later.event_id}
    assert exit_status(child) == 0
    # The child's end has closed nothing of the parent's.
    ids = {found.event_id for found in events.of_hour(HOUR)}
    assert {mine.event_id, childs.event_id, later.event_id} <= ids


def exit_status(child: int) -> int:
    gives_up = time.monotonic() + 30
    while time.monotonic() < gives_up:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(child, 9)
    os.waitpid(child, 0)
    raise AssertionError("the child hangs")


class Guarded(CassandraServer):
    """A node that asks for a password; its first user is cassandra:cassandra."""

    def prepare(self) -> None:
        super().prepare()
        with (self.folder / "cassandra.yaml").open("a") as settings:
            settings.write("authenticator: PasswordAuthenticator\n")


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    if not server_url("cassandra"):
        absent("cassandra")
    server = Guarded(tmp_path)
    server.start()
    try:
        url = server.url.replace("//", "//cassandra:{}@")
        right = CassandraConnection(url.format("cassandra"))
        assert when_back(right.version)
        right.close()
        for wrong in (CassandraConnection(url.format("geheim")), CassandraConnection(server.url)):
            with pytest.raises(StoreUnavailable, match="the user of CASSANDRA_URL") as refused:
                wrong.version()
            assert "geheim" not in str(refused.value)
    finally:
        server.stop()
