"""Events of clients: a verdict for each, good ones kept, page views counted once."""

from datetime import timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from analytics.services import events_accept, events_record
from analytics.stores.rollups.base import PageViews
from analytics.tests.factories import NOON, event, raw_event
from analytics.tests.threads import in_threads
from config import limits
from config.errors import InvalidInput, TooLarge
from config.stores import stores


@pytest.fixture
def user(db: None) -> User:
    return UserFactory.create()


def reason(user: User, raw: object) -> str:
    (verdict,) = events_accept(actor=user, events=[raw], now=NOON)
    return verdict.reason or verdict.status


def changed(**changes: Any) -> dict[str, Any]:
    return raw_event(NOON, **changes)


def test_good_events_of_a_batch_are_kept_beside_bad_ones(user: User) -> None:
    good = raw_event(NOON)
    batch = [good, "nonsense", raw_event(NOON, event_type="no_such_type"), dict(good)]
    verdicts = events_accept(actor=user, events=batch, now=NOON)
    assert [verdict.status for verdict in verdicts] == [
        "accepted",
        "rejected",
        "rejected",
        "duplicate",
    ]
    assert [verdict.index for verdict in verdicts] == [0, 1, 2, 3]
    (kept,) = stores["events"].of_hour(NOON)
    assert (str(kept.event_id), kept.user_id) == (good["event_id"], user.pk)


def test_a_replay_is_a_duplicate_and_counts_once(user: User) -> None:
    batch = [raw_event(NOON), raw_event(NOON)]
    for status in ("accepted", "duplicate", "duplicate"):
        verdicts = events_accept(actor=user, events=batch, now=NOON)
        assert [verdict.status for verdict in verdicts] == [status] * 2
    assert stores["page_view_stats"].of_date(NOON.date()) == [
        PageViews(NOON.date(), 12, "/lessons", 2)
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"event_id": "7"}, "invalid_event_id"),
        ({"event_id": None}, "invalid_event_id"),
        ({"event_time": "yesterday"}, "invalid_event_time"),
        ({"event_time": "2026-03-04T12:00:00"}, "invalid_event_time"),  # no offset
        ({"event_time": "2026-02-30T12:00:00Z"}, "invalid_event_time"),
        ({"event_time": "0001-01-01T00:00:00+14:00"}, "invalid_event_time"),
        ({"event_time": 1741089600}, "invalid_event_time"),
        ({"event_type": 5}, "unknown_event_type"),
        ({"event_type": ["page_view"]}, "unknown_event_type"),
        ({"event_type": "topic_mastered"}, "server_event_type"),
        ({"user_id": str(uuid4())}, "unknown_field"),
        ({"properties": {}}, "missing_property"),
        ({"properties": None}, "malformed"),
        ({"properties": {"page": 5}}, "malformed"),
        ({"properties": {"page": " "}}, "invalid_property"),
        ({"properties": {"page": "x" * (limits.PAGE_MAX + 1)}}, "invalid_property"),
        ({"properties": {"page": "/", "note": "x" * (limits.EVENT_TEXT_MAX + 1)}}, "too_large"),
        ({"properties": {str(n): "" for n in range(limits.EVENT_PROPERTIES_MAX + 1)}}, "too_large"),
        ({"properties": {"page": "a\x00b"}}, "malformed"),
        ({"properties": {"page": "\ud800"}}, "malformed"),
    ],
)
def test_what_is_refused(user: User, changes: dict[str, Any], expected: str) -> None:
    assert reason(user, changed(**changes)) == expected
    assert list(stores["events"].of_hour(NOON)) == []


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [("240", "accepted"), ("241", "invalid_property"), ("nan", "invalid_property")],
)
def test_numbers_have_bounds(user: User, minutes: str, expected: str) -> None:
    said = {"subject": "History", "minutes": minutes}
    assert reason(user, changed(event_type="study_time", properties=said)) == expected


def test_time_must_be_sane(user: User) -> None:
    second = timedelta(seconds=1)
    for at, expected in (
        (NOON + limits.EVENT_FUTURE_MAX, "accepted"),
        (NOON + limits.EVENT_FUTURE_MAX + second, "in_the_future"),
        (NOON - limits.EVENT_RETENTION + second, "accepted"),
        (NOON - limits.EVENT_RETENTION, "too_old"),
    ):
        assert reason(user, raw_event(at)) == expected


def test_an_event_of_another_timezone_is_counted_in_its_hour_of_utc(user: User) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert reason(user, raw_event(NOON.astimezone(india))) == "accepted"
    assert [row.hour for row in stores["page_view_stats"].of_date(NOON.date())] == [12]


def test_the_size_of_a_batch(user: User) -> None:
    with pytest.raises(InvalidInput):
        events_accept(actor=user, events=[])
    with pytest.raises(TooLarge):
        events_accept(actor=user, events=[{}] * (limits.EVENTS_PER_REQUEST + 1))


def test_the_platforms_own_events_are_checked_too(db: None) -> None:
    with pytest.raises(InvalidInput):
        events_record(events=[event("no_such_type")])
    with pytest.raises(InvalidInput):
        events_record(events=[event("topic_mastered", subject="History")])
    old = event("topic_mastered", subject="History", topic="Rome", at=NOON - timedelta(days=20))
    assert events_record(events=[old]) == {old.event_id}


@pytest.mark.django_db(transaction=True)
def test_concurrent_replays_are_counted_once() -> None:
    user = UserFactory.create()
    batch = [raw_event(NOON) for _ in range(20)]
    batches = [batch[:: 1 if number % 2 else -1] for number in range(8)]
    verdicts = in_threads(lambda raw: events_accept(actor=user, events=raw, now=NOON), batches)
    statuses = [verdict.status for batch in verdicts for verdict in batch]
    assert statuses.count("accepted") == 20
    assert [row.view_count for row in stores["page_view_stats"].of_date(NOON.date())] == [20]
