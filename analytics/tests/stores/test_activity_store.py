"""The contract of the store `activity_logs`, on every engine."""

from datetime import timedelta, timezone
from uuid import uuid4

import pytest

from analytics.stores.activity.base import ActivityLogStore, ActivityQuery, Position
from analytics.tests.factories import NOON, activity
from config import limits
from config.errors import InvalidInput
from tests.contracts import contract_fixture

pytestmark = pytest.mark.django_db


store = contract_fixture("activity_logs")


def actions(store: ActivityLogStore, query: ActivityQuery, limit: int = 100) -> list[str]:
    return [entry.action for entry in store.find(query, limit=limit)]


def test_an_entry_comes_back_as_it_was_written(store: ActivityLogStore) -> None:
    entry = activity(
        metadata={"filename": "notes.pdf", "file_size": 1024000, "tags": ["a", None]},
        ip_address="2001:db8::1",
        user_agent="Mozilla/5.0 – ünïcode",
    )
    store.add([entry])
    found = store.find(ActivityQuery(), limit=10)
    assert found == [entry]


def test_an_entry_of_the_platform_has_no_user(store: ActivityLogStore) -> None:
    entry = activity()
    store.add([type(entry)(**{**vars(entry), "user_id": None})])
    assert store.find(ActivityQuery(), limit=1)[0].user_id is None


def test_newest_first_whatever_the_order_of_writing(store: ActivityLogStore) -> None:
    store.add([activity("b", minutes=2), activity("a", minutes=1)])
    store.add([activity("c", minutes=3)])
    assert actions(store, ActivityQuery()) == ["c", "b", "a"]


def test_filters(store: ActivityLogStore) -> None:
    person, other = uuid4(), uuid4()
    store.add(
        [
            activity("login", user_id=person),
            activity("upload", user_id=person, minutes=1, resource_type="meeting"),
            activity("login", user_id=other, minutes=2),
        ]
    )
    assert actions(store, ActivityQuery(user_ids={str(person)})) == ["upload", "login"]
    assert actions(store, ActivityQuery(user_ids=set())) == []
    assert actions(store, ActivityQuery(action="login")) == ["login", "login"]
    assert actions(store, ActivityQuery(resource_type="meeting")) == ["upload"]
    assert actions(store, ActivityQuery(action="nothing")) == []
    assert actions(store, ActivityQuery(action="login", user_ids={str(other)})) == ["login"]


def test_a_range_of_time_begins_at_its_start_and_ends_before_its_end(
    store: ActivityLogStore,
) -> None:
    store.add([activity(str(minute), minutes=minute) for minute in range(4)])
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    assert actions(store, ActivityQuery(since=since, until=until)) == ["2", "1"]
    # The same moments said in another timezone.
    tokyo = timezone(timedelta(hours=9))
    query = ActivityQuery(since=since.astimezone(tokyo), until=until.astimezone(tokyo))
    assert actions(store, query) == ["2", "1"]


def test_pages_meet_without_a_gap_even_at_one_moment(store: ActivityLogStore) -> None:
    store.add([activity(str(number), minutes=number // 5) for number in range(20)])
    seen: list[str] = []
    after = None
    while page := store.find(ActivityQuery(), limit=3, after=after):
        seen += [entry.id for entry in page]
        after = Position.of(page[-1])
    assert len(seen) == len(set(seen)) == 20


def test_a_position_of_another_engine_is_refused(store: ActivityLogStore) -> None:
    store.add([activity()])
    with pytest.raises(InvalidInput):
        store.find(ActivityQuery(), limit=1, after=Position(NOON, "nonsense!"))


def test_entries_expire_after_90_days(store: ActivityLogStore) -> None:
    store.add([activity("old"), activity("young", minutes=1)])
    assert store.purge(NOON + limits.ACTIVITY_LOG_RETENTION - timedelta(seconds=1)) == 0
    assert store.purge(NOON + limits.ACTIVITY_LOG_RETENTION) == 1
    assert actions(store, ActivityQuery()) == ["young"]


def test_nothing_to_add_is_no_error(store: ActivityLogStore) -> None:
    store.add([])
    assert actions(store, ActivityQuery()) == []
