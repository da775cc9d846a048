"""The contract of the store `activity_logs`, on every engine.

The entries are of yesterday: a server that removes old ones by itself goes by its own clock.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone as django_timezone

from accounts.activity import Activity
from analytics.stores.activity.base import ActivityLogStore, ActivityQuery, Position
from analytics.tests.factories import activity
from analytics.tests.threads import in_threads
from config import limits
from config.errors import InvalidInput, TooLarge
from config.times import to_milliseconds
from tests.contracts import contract_fixture

pytestmark = pytest.mark.django_db

YESTERDAY = to_milliseconds(django_timezone.now()).replace(microsecond=0) - timedelta(days=1)
# MongoDB looks for what has expired every 60 seconds.
EXPIRY_PATIENCE = 120

store = contract_fixture("activity_logs")


def entry(action: str = "document_upload", *, minutes: int = 0, **changes: Any) -> Activity:
    """An entry of yesterday, so many minutes later."""
    at = changes.pop("at", YESTERDAY + timedelta(minutes=minutes))
    return replace(activity(action, **changes), timestamp=at)


def actions(store: ActivityLogStore, query: ActivityQuery, limit: int = 100) -> list[str]:
    return [found.action for found in store.find(query, limit=limit)]


def pages(store: ActivityLogStore, query: ActivityQuery, limit: int) -> Iterator[list[Activity]]:
    after = None
    while page := store.find(query, limit=limit, after=after):
        yield page
        after = Position.of(page[-1])


def test_an_entry_comes_back_as_it_was_written(store: ActivityLogStore) -> None:
    written = entry(
        metadata={"filename": "notes.pdf", "file_size": 1024000, "tags": ["a", None]},
        ip_address="2001:db8::1",
        user_agent="Mozilla/5.0 – ünïcode",
    )
    store.add([written])
    found = store.find(ActivityQuery(), limit=10)
    assert found == [written]


@pytest.mark.parametrize(
    ("spelling", "kept"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("::ffff:a01:203", "10.1.2.3"),
        ("0:0:0:0:0:FFFF:0A01:0203", "10.1.2.3"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::1", "::1"),
        ("::1.2.3.4", "::102:304"),
        ("fe80::1%eth0", "fe80::1"),
        (None, None),
    ],
)
def test_an_address_has_one_spelling(
    store: ActivityLogStore, spelling: str | None, kept: str | None
) -> None:
    written = entry(ip_address=spelling)
    assert written.ip_address == kept
    store.add([written])
    assert store.find(ActivityQuery(), limit=1) == [written]


def test_every_value_comes_back_as_it_was(store: ActivityLogStore) -> None:
    metadata = {
        "list": [1, 2.5, None, True, {"deep": []}],
        "a.b": {"$set": 1, "": "empty key"},
        "large": 2**53,
        "float": 1e-9,
        "text": "",
        "数学": "🎓",
        "reference": {"$ref": "x", "$id": 1},
        "references": [[{"$ref": "x", "$id": {"$ref": "y", "$id": 2}, "more": None}]],
    }
    written = entry("", resource_type="", resource_id="", metadata=metadata, user_agent="")
    store.add([written])
    [found] = store.find(ActivityQuery(), limit=10)
    assert found == written
    assert type(found.metadata["large"]) is int


def test_an_object_like_a_reference_comes_back_as_it_was(store: ActivityLogStore) -> None:
    written = entry(metadata={"$ref": "x", "$id": 1})
    store.add([written])
    assert store.find(ActivityQuery(), limit=10) == [written]
    assert store.scan(limit=10).records == [written]


def test_a_time_is_kept_to_the_millisecond(store: ActivityLogStore) -> None:
    moment = YESTERDAY.replace(microsecond=999_999)
    store.add([entry(at=moment.astimezone(timezone(timedelta(hours=5, minutes=45))))])
    [found] = store.find(ActivityQuery(), limit=10)
    assert found.timestamp == moment.replace(microsecond=999_000)
    assert found.timestamp.tzinfo is not None


def test_an_entry_of_the_platform_has_no_user(store: ActivityLogStore) -> None:
    store.add([replace(entry(), user_id=None)])
    assert store.find(ActivityQuery(), limit=1)[0].user_id is None


def test_adding_an_entry_again_changes_nothing(store: ActivityLogStore) -> None:
    first, second = entry("first"), entry("second", minutes=1)
    store.add([first])
    store.add([first])
    store.add([second, replace(first, action="changed"), second])
    assert store.find(ActivityQuery(), limit=10) == [second, first]


def test_newest_first_whatever_the_order_of_writing(store: ActivityLogStore) -> None:
    store.add([entry("b", minutes=2), entry("a", minutes=1)])
    store.add([entry("c", minutes=3)])
    assert actions(store, ActivityQuery()) == ["c", "b", "a"]


def test_filters(store: ActivityLogStore) -> None:
    person, other = uuid4(), uuid4()
    store.add(
        [
            entry("login", user_id=person),
            entry("upload", user_id=person, minutes=1, resource_type="meeting"),
            entry("login", user_id=other, minutes=2),
        ]
    )
    assert actions(store, ActivityQuery(user_ids={str(person)})) == ["upload", "login"]
    assert actions(store, ActivityQuery(user_ids=set())) == []
    assert actions(store, ActivityQuery(action="login")) == ["login", "login"]
    assert actions(store, ActivityQuery(resource_type="meeting")) == ["upload"]
    assert actions(store, ActivityQuery(action="nothing")) == []
    assert actions(store, ActivityQuery(action="login", user_ids={str(other)})) == ["login"]


def test_entries_of_other_people_are_never_found(store: ActivityLogStore) -> None:
    people = [uuid4() for _ in range(3)]
    store.add([entry(str(n), user_id=people[n % 3], minutes=n // 4) for n in range(24)])
    query = ActivityQuery(user_ids={str(people[1])})
    found = [one for page in pages(store, query, 3) for one in page]
    assert [one.user_id for one in found] == [str(people[1])] * 8
    assert store.find(ActivityQuery(user_ids={str(uuid4())}), limit=10) == []


def test_a_range_of_time_begins_at_its_start_and_ends_before_its_end(
    store: ActivityLogStore,
) -> None:
    store.add([entry(str(minute), minutes=minute) for minute in range(4)])
    since, until = YESTERDAY + timedelta(minutes=1), YESTERDAY + timedelta(minutes=3)
    assert actions(store, ActivityQuery(since=since, until=until)) == ["2", "1"]
    # The same moments said in another timezone.
    tokyo = timezone(timedelta(hours=9))
    query = ActivityQuery(since=since.astimezone(tokyo), until=until.astimezone(tokyo))
    assert actions(store, query) == ["2", "1"]
    # A little later than an entry is later.
    late = timedelta(microseconds=1)
    assert actions(store, ActivityQuery(since=since + late, until=until + late)) == ["3", "2"]


def test_pages_meet_without_a_gap_even_at_one_moment(store: ActivityLogStore) -> None:
    written = [entry(str(number), minutes=number // 5) for number in range(20)]
    store.add(written)
    expected = sorted(written, key=lambda one: (one.timestamp, one.id), reverse=True)
    for limit in (1, 3, 5, 7, 20, 50):
        assert [one for page in pages(store, ActivityQuery(), limit) for one in page] == expected


def test_what_is_added_meanwhile_leaves_no_gap(store: ActivityLogStore) -> None:
    written = [entry(str(number), minutes=number // 4) for number in range(12)]
    store.add(written)
    seen: list[Activity] = []
    for page in pages(store, ActivityQuery(), 3):
        seen += page
        store.add([entry("newer", minutes=60)])
    assert seen == sorted(written, key=lambda one: (one.timestamp, one.id), reverse=True)


def test_the_first_and_the_last_moment_are_bounds(store: ActivityLogStore) -> None:
    written = entry()
    store.add([written])
    for hours in (-5, 0, 5):
        zone = timezone(timedelta(hours=hours))
        first, last = (one.replace(tzinfo=zone) for one in (datetime.min, datetime.max))
        assert store.find(ActivityQuery(since=first, until=last), limit=9) == [written]
        assert store.find(ActivityQuery(until=first), limit=9) == []
        assert store.find(ActivityQuery(since=last), limit=9) == []
        for position, found in ((first, []), (last, [written])):
            after = Position(position, written.id)
            assert store.find(ActivityQuery(), limit=9, after=after) == found


def test_a_position_may_be_between_two_milliseconds(store: ActivityLogStore) -> None:
    written = entry()
    store.add([written])
    after = Position(YESTERDAY + timedelta(microseconds=1), "0" * 24)
    assert store.find(ActivityQuery(), limit=9, after=after) == [written]


@pytest.mark.parametrize("id", ["0 " * 12, "00 " * 12, "A" * 24, "0" * 24 + "\n", "0" * 22, ""])
def test_an_id_that_no_entry_has_is_no_position(id: str) -> None:
    with pytest.raises(InvalidInput):
        Position(YESTERDAY, id)


def test_a_position_of_another_engine_is_refused(store: ActivityLogStore) -> None:
    store.add([entry()])
    with pytest.raises(InvalidInput):
        store.find(ActivityQuery(), limit=1, after=Position(YESTERDAY, "nonsense!"))


def test_entries_expire_after_90_days(store: ActivityLogStore) -> None:
    now = django_timezone.now()
    expired = now - limits.ACTIVITY_LOG_RETENTION
    # Inserted together and one by one, in the past as they are copied from elsewhere.
    store.add([entry("old", at=expired), entry("older", at=expired - timedelta(days=400))])
    store.add([entry("old too", at=expired - timedelta(seconds=1))])
    store.add([entry("young", at=expired + timedelta(minutes=10)), entry("new", at=now)])

    assert _until_gone(store, now, {"old", "older", "old too"}) == ["new", "young"]


def _until_gone(store: ActivityLogStore, now: datetime, old: set[str]) -> list[str]:
    """What is left when the old entries are gone, or when they should have been."""
    deadline = time.monotonic() + EXPIRY_PATIENCE
    store.purge(now)
    while old & set(left := actions(store, ActivityQuery())) and time.monotonic() < deadline:
        time.sleep(1)
    return left


def test_nothing_to_add_is_no_error(store: ActivityLogStore) -> None:
    store.add([])
    assert actions(store, ActivityQuery()) == []


def test_one_that_is_too_large_is_kept_whole_or_refused(store: ActivityLogStore) -> None:
    large = entry(metadata={"note": "x" * (17 * limits.MIB)})
    refused = False
    try:
        store.add([large])
    except TooLarge as error:
        refused = "MiB" in error.detail
    assert store.find(ActivityQuery(), limit=2) == ([] if refused else [large])


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_leave_every_entry_once(store: ActivityLogStore) -> None:
    batches = [[entry(f"{batch}.{n}") for n in range(25)] for batch in range(40)]
    in_threads(store.add, [*batches, *batches[:10]])  # some of them twice
    found = [one.action for one in store.find(ActivityQuery(), limit=5000)]
    assert len(found) == 1000
    assert set(found) == {f"{batch}.{n}" for batch in range(40) for n in range(25)}


def test_a_scan_goes_on_in_another_process(store: ActivityLogStore) -> None:
    written = [entry(str(number), minutes=number // 3) for number in range(10)]
    store.add(written)
    seen: list[Activity] = []
    after = None
    while True:
        page = type(store)(**store.options).scan(after=after, limit=4)
        seen += page.records
        after = page.next
        if after is None:
            break
    assert len(seen) == 10
    assert {one.id: one for one in seen} == {one.id: one for one in written}


def test_loading_twice_is_the_same_as_once(store: ActivityLogStore) -> None:
    written = [entry(str(number), minutes=number) for number in range(3)]
    store.load(written)
    store.load([*written, *written])
    assert store.find(ActivityQuery(), limit=10) == written[::-1]


def test_the_schema_is_ready(store: ActivityLogStore) -> None:
    assert {state.state for state in store.inspect()} <= {"ok", "not kept"}
    assert {state.state for state in store.prepare()} <= {"ok", "not kept"}
