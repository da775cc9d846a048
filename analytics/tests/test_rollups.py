"""Rollups: what they compute, and that nothing but the events decides."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from analytics.rollups.engagement import engagement_score
from analytics.rollups.learning import monday_of
from analytics.services import events_record, page_views_reconcile, rollups_rebuild
from analytics.services.rollups import retained_days
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import LearningProgress, PageHour
from analytics.tests.factories import NOON, event
from config.errors import InvalidInput
from config.stores import stores

pytestmark = pytest.mark.django_db

DAY = NOON.date()
MONDAY = date(2026, 3, 2)
AFTER = datetime(2026, 3, 5, 0, 30, tzinfo=UTC)


def views(user: UUID, *minutes: int, page: str = "/") -> list[Event]:
    return [event(user_id=user, at=NOON + timedelta(minutes=m), page=page) for m in minutes]


def rebuild(day: date = DAY, now: datetime = AFTER) -> None:
    rollups_rebuild(start=day, end=day, now=now)


def test_a_silence_of_more_than_30_minutes_ends_a_session() -> None:
    user = uuid4()
    # Gaps of 2, 30 (counted as 5) and 31 minutes (a new session), then 3.
    events_record(events=[*views(user, 0, 2, 32), *views(user, 63, 66, page="/b")])
    rebuild()
    (row,) = stores["user_engagement"].history(user)
    assert (row.total_events, row.unique_pages, row.session_count) == (5, 2, 2)
    assert row.total_time_minutes == 2 + 5 + 3
    assert row.engagement_score == engagement_score(minutes=10, events=5, pages=2, sessions=2)


def test_a_grade_that_arrives_is_nobodys_activity() -> None:
    user = uuid4()
    graded = event("answer_graded", user_id=user, subject="History", question="q", score="1")
    events_record(events=[graded])
    rebuild()
    assert stores["user_engagement"].history(user) == []


def test_days_are_days_of_utc() -> None:
    user = uuid4()
    midnight = datetime(2026, 3, 5, tzinfo=UTC)
    events_record(
        events=[event(user_id=user, at=midnight + timedelta(minutes=m)) for m in (-1, 0, 1)]
    )
    rollups_rebuild(start=DAY, end=DAY + timedelta(1), now=midnight + timedelta(days=1))
    rows = stores["user_engagement"].history(user)
    assert [(row.date, row.total_events) for row in rows] == [(date(2026, 3, 5), 2), (DAY, 1)]


def test_the_score_is_bounded_and_grows() -> None:
    assert engagement_score(minutes=0, events=0, pages=0, sessions=0) == 0
    assert engagement_score(minutes=9999, events=99999, pages=999, sessions=99) == 100
    less = engagement_score(minutes=10, events=5, pages=2, sessions=1)
    assert less < engagement_score(minutes=11, events=5, pages=2, sessions=1)


def week_of_learning(user: UUID) -> list[Event]:
    days = [NOON - timedelta(days=2), NOON - timedelta(days=1), NOON]  # Monday to Wednesday
    said = {"subject": "History"}
    return [
        event("lesson_completed", user_id=user, at=days[0], lesson="Rome", minutes="20.5", **said),
        event("lesson_completed", user_id=user, at=days[1], lesson="Rome", **said),  # again
        event("lesson_completed", user_id=user, at=days[1], lesson="Athens", **said),
        event("study_time", user_id=user, at=days[2], minutes="10", **said),
        event("answer_graded", user_id=user, at=days[0], question="1", score="0", **said),
        event("answer_graded", user_id=user, at=days[1], question="2", score="0.5", **said),
        # Question 1 is graded again: only this grade counts.
        event("answer_graded", user_id=user, at=days[2], question="1", score="1", **said),
        event("topic_mastered", user_id=user, at=days[2], topic="Rome", **said),
    ]


def test_a_week_of_learning() -> None:
    user = uuid4()
    events_record(events=week_of_learning(user))
    rollups_rebuild(start=MONDAY, end=DAY, now=AFTER)
    assert list(stores["learning_progress"].in_subject(user, "History")) == [
        LearningProgress(user, "History", MONDAY, 2, 30, 0.75, frozenset({"Rome"}))
    ]


def test_a_week_keeps_the_days_whose_events_have_expired() -> None:
    """The events of a Monday begin to expire when its week ends."""
    user = uuid4()
    events_record(events=week_of_learning(user))
    for day in (MONDAY, MONDAY + timedelta(1), DAY):
        rebuild(day, now=datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=25))
    before = stores["learning_progress"].in_subject(user, "History")
    late = datetime(2026, 3, 10, 0, 40, tzinfo=UTC)  # Tuesday after: all of Monday is gone
    assert stores["events"].purge(late) > 0
    result = rollups_rebuild(start=MONDAY, end=date(2026, 3, 8), now=late)
    assert result.expired == [MONDAY, MONDAY + timedelta(1)]
    assert stores["learning_progress"].in_subject(user, "History") == before


def test_any_order_and_any_duplication_of_the_events_gives_the_same_rows() -> None:
    rng = random.Random(7)
    user = uuid4()
    events = [*views(user, *(rng.randrange(600) for _ in range(60))), *week_of_learning(user)]

    def rows(order: Sequence[Event], times: int) -> tuple[object, ...]:
        for _ in range(times):
            for start in range(0, len(order), 7):
                events_record(events=order[start : start + 7])
            rollups_rebuild(start=MONDAY, end=DAY, now=AFTER)
        found = (
            stores["user_engagement"].history(user),
            stores["learning_progress"].in_subject(user, "History"),
            stores["page_view_stats"].of_date(DAY),
        )
        stores["events"].purge(AFTER + timedelta(days=30))
        stores["page_view_stats"].add(
            {PageHour(v.date, v.hour, v.page): -v.view_count for v in found[2]}
        )
        return found

    expected = rows(events, 1)
    for times in (1, 3):
        rng.shuffle(events)
        assert rows(events, times) == expected


def test_only_closed_days_with_all_their_events_are_touched() -> None:
    now = NOON
    result = rollups_rebuild(start=DAY - timedelta(days=8), end=DAY, now=now)
    assert result.open == [DAY]
    assert result.expired == [DAY - timedelta(days=8), DAY - timedelta(days=7)]
    assert len(result.done) == 6
    assert retained_days(now) == (result.done[0], result.done[-1])
    with pytest.raises(InvalidInput):
        rollups_rebuild(start=DAY, end=DAY - timedelta(days=1), now=now)


def test_the_reconciler_makes_closed_hours_exact() -> None:
    user = uuid4()
    events_record(events=[*views(user, 0, 1, 2), *views(user, 61, page="/open")])
    # A crash after the events were written, a count too much, and a page nobody saw.
    stores["page_view_stats"].add(
        {
            PageHour(DAY, 12, "/"): -2,
            PageHour(DAY, 12, "/ghost"): 4,
            PageHour(DAY, 13, "/open"): 10,
        }
    )
    now = NOON + timedelta(minutes=90)
    assert page_views_reconcile(start=NOON, end=now, now=now) == 2
    counts = {(v.hour, v.page): v.view_count for v in stores["page_view_stats"].of_date(DAY)}
    # The hour that is not over is left alone.
    assert counts == {(12, "/"): 3, (13, "/open"): 11}
    assert page_views_reconcile(start=NOON, end=now, now=now) == 0


def test_the_reconciler_leaves_hours_whose_events_expired() -> None:
    stores["page_view_stats"].add({PageHour(DAY, 12, "/"): 5})
    now = NOON + timedelta(days=7)
    assert page_views_reconcile(start=NOON - timedelta(hours=1), end=now, now=now) == 0
    assert len(stores["page_view_stats"].of_date(DAY)) == 1


def test_the_reconciler_leaves_hours_without_any_event(caplog: pytest.LogCaptureFixture) -> None:
    stores["page_view_stats"].add(
        {
            PageHour(DAY, 11, "/"): 5,
            PageHour(DAY, 12, "/"): 6,
            PageHour(DAY, 13, "/"): 7,
            PageHour(DAY, 14, "/"): 0,
        }
    )
    # Not a page view, but the store has events of this hour.
    stores["events"].add([event("study_time", at=NOON)])
    now = NOON + timedelta(days=1)
    for wrong in (1, 0):
        assert page_views_reconcile(start=NOON - timedelta(hours=2), end=now, now=now) == wrong
        counts = {v.hour: v.view_count for v in stores["page_view_stats"].of_date(DAY)}
        assert {hour: count for hour, count in counts.items() if count} == {11: 5, 13: 7}
    assert "at 11:00, 13:00 UTC have no events" in caplog.text


def test_the_command_computes_and_says_what_it_left() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    user = uuid4()
    events_record(events=[event(user_id=user, at=yesterday)])
    output = StringIO()
    call_command("rebuild_rollups", stdout=output)
    assert "6 days computed" in output.getvalue()
    assert len(stores["user_engagement"].history(user)) == 1
    long_ago = (yesterday - timedelta(days=30)).date()
    call_command("rebuild_rollups", f"--from={long_ago}", f"--to={long_ago}", stdout=output)
    assert "1 days kept as they are" in output.getvalue()
    for arguments in (["--from=soon"], ["--from=2026-01-02", "--to=2026-01-01"]):
        with pytest.raises(InvalidInput):
            call_command("rebuild_rollups", *arguments, stdout=output)


def test_weeks_begin_on_monday() -> None:
    assert {monday_of(MONDAY + timedelta(days=n)) for n in range(7)} == {MONDAY}
    assert monday_of(MONDAY - timedelta(days=1)) == MONDAY - timedelta(days=7)
