"""What is Cassandra's own: shards, times to live, its schema, its connections."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils.timezone import now

from analytics.services import events_record, page_views_reconcile
from analytics.stores.events.base import Event, partition_key
from analytics.stores.events.cassandra import CassandraEventStore
from analytics.stores.rollups.base import PageHour, UserEngagement
from analytics.stores.rollups.cassandra import CassandraPageViewStore, CassandraUserEngagementStore
from analytics.tests.factories import event
from config import limits
from config.connections.base import Connection
from config.connections.cassandra import CassandraConnection
from config.demo.clock import clock_at
from config.errors import InvalidInput, StoreUnavailable, TooLarge
from config.store_settings import cassandra_stores
from config.stores import stores
from tests.contracts import absent, server_url
from tests.faults.tls import TlsProxy

HOUR = timedelta(hours=1)
NOWHERE = "cassandra://127.0.0.1:9/analytics"


@pytest.fixture
def url() -> Iterator[str]:
    """The server, with a keyspace that is not there yet."""
    found = server_url("cassandra")
    if not found:
        absent("cassandra")
    found = f"{found.rpartition('/')[0]}/lectern_{uuid4().hex}"
    connection = CassandraConnection.to(found)
    yield found
    with connection.available():
        connection.client.execute(
            f"DROP KEYSPACE IF EXISTS {connection.keyspace}",
            timeout=limits.CASSANDRA_SCHEMA_TIMEOUT,
        )
    connection.close()
    del Connection._shared[CassandraConnection, found]


@pytest.fixture
def hour() -> datetime:
    return now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - HOUR


def prepared(url: str, **options: str) -> CassandraEventStore:
    store = CassandraEventStore(url=url, **options)
    assert all(state.ok for state in store.prepare())
    return store


def ask(url: str, cql: str) -> list[Any]:
    connection = CassandraConnection.to(url)
    with connection.available():
        return list(
            connection.client.execute(
                cql.format(keyspace=connection.keyspace), timeout=limits.CASSANDRA_SCHEMA_TIMEOUT
            )
        )


def partitions(url: str) -> set[str]:
    return {key for (key,) in ask(url, "SELECT DISTINCT partition_key FROM {keyspace}.events")}


# --- shards of an hour ---------------------------------------------------------------------------


def test_the_partition_of_an_hour_is_the_specs(url: str, hour: datetime) -> None:
    prepared(url).add([event(at=hour), event(at=hour + timedelta(minutes=59))])
    assert partitions(url) == {partition_key(hour)}


def test_an_hour_in_shards_is_read_as_one(url: str, hour: datetime) -> None:
    store = prepared(url, shards="8")
    written = [event(at=hour + timedelta(seconds=n // 3)) for n in range(200)]
    assert store.add(written) == {item.event_id for item in written}
    assert partitions(url) == {f"{partition_key(hour)}#{n:02}" for n in range(8)}
    expected = sorted(written, key=lambda item: (hour - item.event_time, item.event_id))
    assert list(store.of_hour(hour)) == expected
    assert list(store.of_hour(hour, limit=7)) == expected[:7]
    person = written[5].user_id
    assert list(store.of_hour(hour, user_ids=[person])) == [written[5]]
    assert store.add(written) == set()


def test_the_number_of_shards_may_go_up(url: str, hour: datetime) -> None:
    written = [event(at=hour + timedelta(seconds=n)) for n in range(40)]
    prepared(url).add(written[:10])
    CassandraEventStore(url=url, shards="2").add(written[10:20])
    more = CassandraEventStore(url=url, shards="5")
    more.add(written[20:])
    assert list(more.of_hour(hour)) == written[::-1]
    more.add(written)  # those of before are written once more, and read once
    assert list(more.of_hour(hour)) == written[::-1]


# --- time to live --------------------------------------------------------------------------------


def test_a_late_event_lives_as_long_as_the_others_of_its_time(url: str) -> None:
    store = prepared(url)
    store.add([event(at=now() - timedelta(days=3))])
    store.load([event(at=now() - timedelta(days=6, hours=23))])
    lives = sorted(left for (left,) in ask(url, "SELECT TTL(event_type) FROM {keyspace}.events"))
    assert lives == pytest.approx([3600, 4 * 24 * 3600], abs=60)


def test_a_clock_that_is_turned_back_keeps_no_event_longer(url: str) -> None:
    store, right = prepared(url), now()
    with clock_at(right - timedelta(days=5)):
        store.add([event(at=right - timedelta(days=5))])
        assert store.add([event(at=right - timedelta(days=8))]) == set()
    [(left,)] = ask(url, "SELECT TTL(event_type) FROM {keyspace}.events")
    assert left == pytest.approx(2 * 24 * 3600, abs=60)


def test_an_event_that_is_over_is_not_written(url: str) -> None:
    store = prepared(url)
    over = event(at=now() - limits.EVENT_RETENTION - timedelta(milliseconds=1))
    assert store.add([over]) == set()
    assert partitions(url) == set()


# --- beside the rest of the platform -------------------------------------------------------------


@pytest.mark.django_db
def test_the_reconciler_makes_counters_exact(url: str, hour: datetime, settings: Any) -> None:
    settings.STORES = {**settings.STORES, **cassandra_stores(url)}
    stores.reset()
    for name in cassandra_stores(url):
        assert all(state.ok for state in stores[name].prepare())
    viewed = [event(at=hour + timedelta(minutes=n), page=f"/{n % 2}") for n in range(10)]
    assert len(events_record(events=viewed)) == 10
    assert events_record(events=viewed) == set()
    counters, exact = stores["page_view_stats"], [5, 5]
    assert [row.view_count for row in counters.of_date(hour.date())] == exact
    counters.add({PageHour(hour.date(), hour.hour, "/0"): 3, PageHour(hour.date(), 0, "/x"): 0})
    for wrong in (1, 0):
        assert page_views_reconcile(start=hour, end=hour + HOUR, now=now()) == wrong
        assert [row.view_count for row in counters.of_date(hour.date())] == exact
    stores.reset()


# --- schema --------------------------------------------------------------------------------------


def test_what_differs_is_told_and_left_alone(url: str, hour: datetime) -> None:
    ask(
        url,
        "CREATE KEYSPACE {keyspace} WITH replication ="
        " {{'class': 'NetworkTopologyStrategy', 'datacenter1': '1'}}",
    )
    ask(
        url,
        "CREATE TABLE {keyspace}.events (partition_key text, event_time timestamp, event_id uuid,"
        " event_type text, user_id uuid, properties map<text, text>, extra int static,"
        " PRIMARY KEY ((partition_key), event_time, event_id))",
    )
    store = CassandraEventStore(url=url)
    written = event(at=hour)
    store.add([written])
    for states in (list(store.inspect()), list(store.prepare())):
        keyspace, table = states
        assert (keyspace.state, table.state) == ("differs", "differs")
        assert "found WITH replication = {'class': 'NetworkTopologyStrategy'" in keyspace.detail
        wrong = table.detail.partition("found")[2]
        assert "extra int static" in wrong
        assert "(event_time ASC, event_id ASC) AND default_time_to_live = 0" in wrong
    assert list(store.of_hour(hour)) == [written]


def test_the_replication_of_the_settings_is_used_once(url: str) -> None:
    states = list(CassandraEventStore(url=url, replication="datacenter1:1").prepare())
    assert [state.state for state in states] == ["created", "created"]
    states = list(CassandraEventStore(url=url, replication="datacenter1:1").inspect())
    assert [state.state for state in states] == ["ok", "ok"]
    keyspace, table = CassandraEventStore(url=url).prepare()
    assert (keyspace.state, table.state) == ("differs", "ok")


def test_several_processes_may_prepare_at_once(url: str) -> None:
    connections = [CassandraConnection(url) for _ in range(4)]
    failed: list[object] = []

    def prepare(connection: CassandraConnection) -> None:
        store = CassandraEventStore(url=url)
        store._connection = connection
        failed.extend(state for state in store.prepare() if not state.ok)

    threads = [threading.Thread(target=prepare, args=[connection]) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()
    assert failed == []
    assert [str(state.state) for state in CassandraEventStore(url=url).inspect()] == ["ok", "ok"]


def test_a_store_that_was_not_prepared_says_what_to_do(url: str, hour: datetime) -> None:
    with pytest.raises(StoreUnavailable, match="prepare_stores"):
        CassandraEventStore(url=url).add([event(at=hour)])
    assert [state.state for state in CassandraEventStore(url=url).inspect()] == ["missing"] * 2


# --- what it refuses -----------------------------------------------------------------------------


def test_an_event_that_is_too_large_is_refused_alone(url: str, hour: datetime) -> None:
    store = prepared(url)
    large = event(at=hour, text="x" * 17_000_000)
    with pytest.raises(TooLarge, match="Request is too big"):
        store.add([large])
    fits = [event(at=hour, text="é" * 1_000_000) for _ in range(3)]
    assert len(store.add(fits)) == 3
    assert len(list(store.of_hour(hour))) == 3


def test_a_key_that_is_too_long_is_refused(url: str) -> None:
    store = CassandraPageViewStore(url=url)
    assert all(state.ok for state in store.prepare())
    with pytest.raises(TooLarge, match="Key length"):
        store.add({PageHour(now().date(), 9, "/" + "a" * 70_000): 1})


def test_what_is_no_text_is_refused(url: str, hour: datetime) -> None:
    with pytest.raises(InvalidInput, match="properties: does not fit its column"):
        prepared(url).add([event(at=hour, text="\ud800")])


def test_a_number_that_is_too_large_is_named(url: str) -> None:
    store = CassandraUserEngagementStore(url=url)
    assert all(state.ok for state in store.prepare())
    with pytest.raises(InvalidInput) as refused:
        store.save([UserEngagement(uuid4(), now().date(), 2**63, 2**31, 3, 4, 5.0)])
    assert set(refused.value.errors) == {"total_events", "unique_pages"}


def test_a_place_in_a_scan_that_is_none_is_refused(url: str) -> None:
    store = prepared(url)
    with pytest.raises(InvalidInput):
        store.scan(after="00ff", limit=10)
    store.close()  # the driver gives up a connection over this


# --- settings and connections --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"url": "cassandra://host:port/analytics"}, "CASSANDRA_URL"),
        ({"url": "cassandra://u:geheim@host/analytics?what=1"}, "CASSANDRA_URL"),
        ({"consistency": "MOST"}, "CASSANDRA_CONSISTENCY"),
        ({"replication": "two"}, "CASSANDRA_REPLICATION"),
        ({"shards": "0"}, "EVENT_SHARDS"),
        ({"shards": "many"}, "EVENT_SHARDS"),
    ],
)
def test_a_setting_that_is_wrong_is_named(options: dict[str, str], name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        CassandraEventStore(**{"url": NOWHERE, **options})
    assert "geheim" not in str(refused.value)


def test_certificates_that_are_not_there_are_named() -> None:
    connection = CassandraConnection("cassandra://127.0.0.1:9/a?ca=/nowhere/ca.pem")
    with pytest.raises(ImproperlyConfigured, match="/nowhere"):
        _ = connection.client


def test_the_address_of_a_host_that_is_a_number() -> None:
    connection = CassandraConnection("cassandra://[::1]:9043,[2001:db8::1],127.0.0.1/a")
    assert connection.address == "cassandra://[::1]:9043,[2001:db8::1]:9042,127.0.0.1:9042/a"


def test_the_address_is_without_credentials() -> None:
    connection = CassandraConnection("cassandra://me:geheim@one,two:9043/a?datacenter=here")
    assert connection.address == "cassandra://one:9042,two:9043/a"
    assert not connection.opened
    assert connection.pools() == []


@pytest.mark.parametrize("option", ["datacenter=datacenter1", "protocol=3", "protocol=5"])
def test_the_options_of_the_address(url: str, option: str) -> None:
    connection = CassandraConnection(f"{url}?{option}")
    assert connection.version()
    connection.close()


def test_a_datacenter_that_is_not_there(url: str) -> None:
    before = threads()
    with pytest.raises(StoreUnavailable, match="is its datacenter right"):
        CassandraConnection(f"{url}?datacenter=elsewhere").version()
    assert settled(before)


def test_one_of_several_nodes_is_enough(url: str) -> None:
    connection = CassandraConnection(url.replace("//", "//127.0.0.1:9,"))
    assert connection.version()
    connection.close()


def test_tls_wants_a_certificate_that_it_trusts(url: str, tmp_path: Path) -> None:
    parts = urlsplit(url)
    with TlsProxy(tmp_path, (parts.hostname, parts.port)) as proxy:
        address = f"cassandra://127.0.0.1:{proxy.port}/analytics"
        connection = CassandraConnection(f"{address}?ca={proxy.certificate}")
        assert connection.version()
        connection.close()
        for wrong in ("", "?tls=true"):
            with pytest.raises(StoreUnavailable):
                CassandraConnection(address + wrong).version()


def test_the_stores_share_a_session(url: str) -> None:
    events, days = CassandraEventStore(url=url), CassandraUserEngagementStore(url=url)
    assert events.connection is days.connection
    assert not events.connection.opened
    assert events.connection.version() == days.connection.version()
    (pool,) = events.connection.pools()
    assert pool.size >= 1
    assert pool.pool in url


def test_nothing_runs_after_closing(url: str) -> None:
    connection = CassandraConnection(url)
    before = threads()
    for _ in range(2):
        assert connection.version()
        connection.close()
        assert not connection.opened
    assert settled(before)


def test_nothing_runs_after_an_attempt_to_connect() -> None:
    connection = CassandraConnection(NOWHERE)
    before = threads()
    with pytest.raises(StoreUnavailable):
        connection.version()
    assert settled(before)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        connection.version()  # not tried again so soon
    assert time.monotonic() - started < 0.1


def threads() -> set[threading.Thread]:
    # The driver has one event loop for all sessions, which waits for others.
    return {thread for thread in threading.enumerate() if thread.name != "event_loop"}


def settled(before: set[threading.Thread]) -> bool:
    gives_up = time.monotonic() + 10
    while threads() - before and time.monotonic() < gives_up:
        time.sleep(0.05)
    return not threads() - before


def test_events_are_ordered_as_python_orders_ids(url: str, hour: datetime) -> None:
    """Cassandra has those of version 1 before those of version 4."""
    store = prepared(url)
    ids = ["ffffffff-0000-1000-8000-000000000000", "00000000-0000-4000-8000-000000000000"]
    store.add([Event(item, hour, "x", None) for item in map(UUID, ids)])
    assert [str(found.event_id) for found in store.of_hour(hour, limit=1)] == ids[1:]
