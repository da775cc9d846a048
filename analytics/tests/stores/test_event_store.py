"""The contract of the store `events`, on every engine."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from analytics.stores.events.base import EventStore, hours_of, partition_key
from analytics.tests.factories import NOON, event
from analytics.tests.threads import in_threads
from config import limits
from tests.contracts import contract_fixture

HOUR = timedelta(hours=1)


store = contract_fixture("events")


def test_an_event_comes_back_as_it_was_written(store: EventStore) -> None:
    written = event(at=NOON.replace(microsecond=123000), page="/ünïcode", empty="")
    assert store.add([written]) == {written.event_id}
    assert list(store.of_hour(NOON)) == [written]


def test_newest_first_then_by_id(store: EventStore) -> None:
    early, late = event(at=NOON), event(at=NOON + timedelta(minutes=5))
    same = [event(at=NOON + timedelta(minutes=1)) for _ in range(3)]
    store.add([early, *same, late])
    middle = sorted(same, key=lambda item: item.event_id)
    assert list(store.of_hour(NOON)) == [late, *middle, early]
    assert list(store.of_hour(NOON, limit=2)) == [late, middle[0]]


def test_an_hour_holds_its_own_events_only(store: EventStore) -> None:
    end = NOON + HOUR
    store.add([event(at=NOON), event(at=end - timedelta(milliseconds=1)), event(at=end)])
    assert len(list(store.of_hour(NOON))) == 2
    assert len(list(store.of_hour(end))) == 1
    assert list(store.of_hour(end + HOUR)) == []


def test_partitions_are_hours_of_utc(store: EventStore) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    written = event(at=datetime(2026, 3, 5, 0, 15, tzinfo=india))
    assert written.partition_key == "2026-03-04-18"
    store.add([written])
    assert list(store.of_hour(datetime(2026, 3, 4, 18, tzinfo=UTC))) == [written]
    assert list(store.of_hour(datetime(2026, 3, 5, 0, 1, tzinfo=india))) == [written]
    assert partition_key(NOON) == "2026-03-04-12"


def test_only_these_people(store: EventStore) -> None:
    mine, other = event(), event()
    store.add([mine, other])
    assert mine.user_id is not None
    assert list(store.of_hour(NOON, user_ids={mine.user_id})) == [mine]
    assert list(store.of_hour(NOON, user_ids=set())) == []


def test_a_replay_changes_nothing(store: EventStore) -> None:
    first = event(page="/first")
    store.add([first])
    again = event(event_id=first.event_id, at=NOON + 2 * HOUR, page="/second")
    assert store.add([first, again]) == set()
    assert list(store.of_hour(NOON)) == [first]
    assert list(store.of_hour(NOON + 2 * HOUR)) == []


def test_of_one_id_twice_in_a_batch_the_first_counts(store: EventStore) -> None:
    first = event(page="/first")
    again = event(event_id=first.event_id, page="/second")
    assert store.add([first, again]) == {first.event_id}
    assert list(store.of_hour(NOON)) == [first]
    assert store.add([]) == set()


def test_events_expire_after_seven_days(store: EventStore) -> None:
    store.add([event(at=NOON), event(at=NOON + timedelta(seconds=1))])
    assert store.purge(NOON + limits.EVENT_RETENTION - timedelta(seconds=1)) == 0
    assert store.purge(NOON + limits.EVENT_RETENTION) == 1
    assert len(list(store.of_hour(NOON))) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_writers_of_an_event_one_is_first(store: EventStore) -> None:
    events = [event(event_id=uuid4()) for _ in range(50)]
    batches = [events if number % 2 else events[::-1] for number in range(8)]
    new = in_threads(store.add, batches)
    assert sum(len(ids) for ids in new) == 50
    assert len(list(store.of_hour(NOON))) == 50


def test_hours_of_a_range() -> None:
    start = NOON + timedelta(minutes=30)
    assert list(hours_of(start, NOON + 2 * HOUR)) == [NOON, NOON + HOUR]
    assert list(hours_of(NOON, NOON)) == []
