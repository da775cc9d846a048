"""The contract of the store `events`, on every engine.

Engines may drop an event as soon as its time is over, so these are of the last hours.
"""

import time
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid1, uuid4, uuid5

import pytest
from django.utils.timezone import now

from analytics.stores.events.base import Event, EventStore, hours_of, partition_key
from analytics.tests.factories import NOON, event
from analytics.tests.threads import in_threads
from config import limits
from tests.contracts import contract_fixture

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)
PATIENCE = 15  # seconds

store = contract_fixture("events")


@pytest.fixture
def hour() -> datetime:
    """The beginning of the last full hour."""
    return now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - HOUR


def ids(events: list[Event]) -> set[UUID]:
    return {item.event_id for item in events}


# --- what is written is read ---------------------------------------------------------------------


def test_an_event_comes_back_as_it_was_written(store: EventStore, hour: datetime) -> None:
    written = event(at=hour + 123 * MILLISECOND, page="/ünïcode/日本/🎓", empty="", quoted="'\"\\")
    assert store.add([written]) == {written.event_id}
    assert list(store.of_hour(hour)) == [written]


def test_an_event_of_nobody_without_properties(store: EventStore, hour: datetime) -> None:
    written = Event(uuid4(), hour, "système", None, {})
    store.add([written])
    assert list(store.of_hour(hour)) == [written]


def test_an_event_with_all_that_it_may_carry(store: EventStore, hour: datetime) -> None:
    properties = {f"{n:0{limits.EVENT_TEXT_MAX}}": "é" * limits.EVENT_TEXT_MAX for n in range(49)}
    written = [event(at=hour + n * MINUTE, **properties) for n in range(5)]
    assert store.add(written) == ids(written)
    assert list(store.of_hour(hour)) == written[::-1]


def test_times_are_kept_to_the_millisecond(store: EventStore, hour: datetime) -> None:
    written = event(at=hour.replace(microsecond=123999))
    store.add([written])
    (found,) = store.of_hour(hour)
    assert found.event_time == hour.replace(microsecond=123000)
    assert store.add([event(at=hour.replace(microsecond=123001), event_id=written.event_id)]) == (
        set()
    )


@pytest.mark.parametrize("minutes", [330, 345, -210, 840, -720])
def test_partitions_are_hours_of_utc(store: EventStore, hour: datetime, minutes: int) -> None:
    there = timezone(timedelta(minutes=minutes))
    written = event(at=(hour + 59 * MINUTE).astimezone(there))
    assert written.partition_key == partition_key(hour)
    store.add([written])
    assert list(store.of_hour(hour)) == [written]
    assert list(store.of_hour((hour + MINUTE).astimezone(there))) == [written]


def test_the_name_of_a_partition() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert partition_key(datetime(2026, 3, 5, 0, 15, tzinfo=india)) == "2026-03-04-18"
    assert partition_key(NOON) == "2026-03-04-12"


def test_an_hour_holds_its_own_events_only(store: EventStore, hour: datetime) -> None:
    end = hour + HOUR
    store.add([event(at=hour), event(at=end - MILLISECOND), event(at=end)])
    assert len(list(store.of_hour(hour))) == 2
    assert len(list(store.of_hour(end))) == 1
    assert list(store.of_hour(end + HOUR)) == []
    assert list(store.of_hour(hour - HOUR)) == []


# --- order, limits, people -----------------------------------------------------------------------


def test_newest_first_then_by_id(store: EventStore, hour: datetime) -> None:
    early, late = event(at=hour), event(at=hour + 5 * MINUTE)
    every = [uuid4(), uuid4(), uuid1(), uuid5(uuid4(), "a"), UUID(int=0), UUID(int=2**128 - 1)]
    same = [event(at=hour + MINUTE, event_id=event_id) for event_id in every]
    store.add([early, *same, late])
    expected = [late, *sorted(same, key=lambda item: item.event_id), early]
    assert list(store.of_hour(hour)) == expected
    for limit in (0, 1, 2, 3, 7, 8, 100):
        assert list(store.of_hour(hour, limit=limit)) == expected[:limit]


def test_a_full_hour_comes_in_pages_while_events_arrive(store: EventStore, hour: datetime) -> None:
    there = [event(at=hour + number * MILLISECOND) for number in range(5200)]
    known = ids(there)
    assert store.add(there) == known
    reading = store.of_hour(hour)
    seen = [next(reading)]
    store.add([event(at=hour + MINUTE), event(at=hour + 50 * MILLISECOND)])
    seen += reading
    assert [item for item in seen if item.event_id in known] == there[::-1]
    assert list(store.of_hour(hour, limit=5100))[1:] == there[:100:-1]


def test_only_these_people(store: EventStore, hour: datetime) -> None:
    mine, other, nobody = event(at=hour), event(at=hour), Event(uuid4(), hour, "x", None)
    later = event(at=hour + MINUTE, user_id=mine.user_id)
    store.add([mine, other, later, nobody])
    assert mine.user_id is not None
    assert list(store.of_hour(hour, user_ids={mine.user_id})) == [later, mine]
    assert list(store.of_hour(hour, user_ids=[mine.user_id], limit=1)) == [later]
    assert list(store.of_hour(hour, user_ids={uuid4()})) == []
    assert list(store.of_hour(hour, user_ids=set())) == []
    assert len(list(store.of_hour(hour))) == 4


# --- replays -------------------------------------------------------------------------------------


def test_a_replay_changes_nothing(store: EventStore, hour: datetime) -> None:
    first, other = event(at=hour, page="/first"), event(at=hour + MINUTE)
    store.add([first])
    again = event(event_id=first.event_id, at=hour, page="/second", more="x")
    assert store.add([again]) == set()
    assert store.add([first, other]) == {other.event_id}
    assert list(store.of_hour(hour)) == [other, first]


def test_a_batch_may_be_of_several_hours(store: EventStore, hour: datetime) -> None:
    batch = [event(at=hour - number * HOUR) for number in range(24) for _ in range(5)]
    assert store.add(batch) == ids(batch)
    assert store.add(batch) == set()
    assert sum(len(list(store.of_hour(hour - number * HOUR))) for number in range(24)) == 120


def test_an_id_that_comes_again_at_another_time_is_known(store: EventStore, hour: datetime) -> None:
    first = event(at=hour, page="/first")
    store.add([first])
    again = event(event_id=first.event_id, at=hour + 2 * HOUR, page="/second")
    assert store.add([again]) == set()
    assert list(store.of_hour(hour)) == [first]
    assert list(store.of_hour(hour + 2 * HOUR)) == []


def test_of_one_id_twice_in_a_batch_the_first_counts(store: EventStore, hour: datetime) -> None:
    first = event(at=hour, page="/first")
    again = event(event_id=first.event_id, at=hour, page="/second")
    later = event(event_id=first.event_id, at=hour + HOUR)
    assert store.add([first, again, later]) == {first.event_id}
    assert list(store.of_hour(hour)) == [first]
    assert list(store.of_hour(hour + HOUR)) == []
    assert store.add([]) == set()


# --- retention -----------------------------------------------------------------------------------


def test_events_expire_seven_days_after_their_time(store: EventStore) -> None:
    soon = event(at=now() - limits.EVENT_RETENTION + timedelta(seconds=4))
    later = event(at=soon.event_time + timedelta(minutes=10))
    assert store.add([soon, later]) == ids([soon, later])
    store.purge(now())
    assert soon in list(store.of_hour(soon.event_time))
    gives_up = time.monotonic() + PATIENCE
    while soon in list(store.of_hour(soon.event_time)) and time.monotonic() < gives_up:
        time.sleep(0.5)
        store.purge(now())
    assert now() >= soon.event_time + limits.EVENT_RETENTION - timedelta(seconds=1)
    assert list(store.of_hour(soon.event_time)) in ([], [later])
    assert later in list(store.of_hour(later.event_time))


def test_an_event_whose_time_is_over_is_not_kept(store: EventStore) -> None:
    over = event(at=now() - limits.EVENT_RETENTION - timedelta(milliseconds=1))
    store.add([over])
    store.purge(now())
    assert list(store.of_hour(over.event_time)) == []


# --- many at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_event_of_many_writers_is_lost(store: EventStore, hour: datetime) -> None:
    batches = [[event(at=hour + n * MINUTE) for n in range(40)] for _ in range(8)]
    assert in_threads(store.add, batches) == [ids(batch) for batch in batches]
    assert ids(list(store.of_hour(hour))) == ids([item for batch in batches for item in batch])


@pytest.mark.django_db(transaction=True)
def test_an_event_of_many_writers_is_there_once(store: EventStore, hour: datetime) -> None:
    events = [event(at=hour) for _ in range(50)]
    batches = [events if number % 2 else events[::-1] for number in range(8)]
    new = in_threads(store.add, batches)
    assert set().union(*new) == ids(events)
    assert list(store.of_hour(hour)) == sorted(events, key=lambda item: item.event_id)
    assert store.add(events) == set()


@pytest.mark.django_db(transaction=True)
def test_of_many_writers_of_an_event_one_is_first(store: EventStore, hour: datetime) -> None:
    told = 0
    for _ in range(5):
        events = [event(at=hour) for _ in range(50)]
        new = in_threads(store.add, [events] * 8)
        told += sum(len(some) for some in new)
    assert told == 5 * 50


# --- copying -------------------------------------------------------------------------------------


def test_a_scan_sees_every_event_once(store: EventStore, hour: datetime) -> None:
    written = [event(at=hour + n * MINUTE - n % 5 * HOUR) for n in range(55)]
    store.add(written)
    seen, after = [], None
    while True:
        # Another process goes on where this one was.
        page = type(store)(**store.options).scan(after=after, limit=10)
        seen += page.records
        after = page.next
        if after is None:
            break
    assert len(seen) == 55
    assert sorted(seen, key=lambda item: item.event_id) == sorted(
        written, key=lambda item: item.event_id
    )


def test_a_scan_of_nothing(store: EventStore) -> None:
    page = store.scan(limit=10)
    assert list(page.records) == []
    assert page.next is None


def test_loaded_twice_is_as_loaded_once(store: EventStore, hour: datetime) -> None:
    records = [event(at=hour + n * MINUTE) for n in range(30)]
    store.load(records)
    store.load(records[:20])
    store.load([])
    assert list(store.of_hour(hour)) == records[::-1]


def test_hours_of_a_range() -> None:
    start = NOON + timedelta(minutes=30)
    assert list(hours_of(start, NOON + 2 * HOUR)) == [NOON, NOON + HOUR]
    assert list(hours_of(NOON, NOON)) == []
