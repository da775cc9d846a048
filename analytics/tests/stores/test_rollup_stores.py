"""The contracts of the stores of the rollups, on every engine."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from analytics.stores.rollups.base import (
    LearningProgress,
    LearningProgressStore,
    PageHour,
    PageViews,
    PageViewStore,
    UserEngagement,
    UserEngagementStore,
)
from analytics.tests.threads import in_threads
from tests.contracts import contract_fixture

DAY = date(2026, 3, 4)
MONDAY = date(2026, 3, 2)


views = contract_fixture("page_view_stats")
engagement = contract_fixture("user_engagement")
learning = contract_fixture("learning_progress")


def engagement_row(user_id: UUID, day: date = DAY, events: int = 1) -> UserEngagement:
    return UserEngagement(user_id, day, events, 2, 3, 4, 12.5)


def week(user_id: UUID, monday: date = MONDAY, subject: str = "Mathematics") -> LearningProgress:
    return LearningProgress(user_id, subject, monday, 1, 30, 0.75, frozenset({"Sets", "Fractions"}))


def test_counters_add_up_and_come_in_order(views: PageViewStore) -> None:
    views.add({PageHour(DAY, 9, "/b"): 2, PageHour(DAY, 9, "/a"): 1, PageHour(DAY, 10, "/c"): 5})
    views.add({PageHour(DAY, 9, "/b"): 3, PageHour(DAY + timedelta(1), 0, "/a"): 7})
    assert views.of_date(DAY) == [
        PageViews(DAY, 10, "/c", 5),
        PageViews(DAY, 9, "/a", 1),
        PageViews(DAY, 9, "/b", 5),
    ]
    assert views.of_date(DAY - timedelta(1)) == []


def test_a_counter_that_is_corrected_to_nothing_is_gone(views: PageViewStore) -> None:
    views.add({PageHour(DAY, 9, "/a"): 2})
    views.add({PageHour(DAY, 9, "/a"): -2})
    views.add({})
    assert views.of_date(DAY) == []


@pytest.mark.django_db(transaction=True)
def test_no_concurrent_view_is_lost(views: PageViewStore) -> None:
    pages = [PageHour(DAY, hour, page) for hour in (8, 9) for page in ("/a", "/b")]
    batches = [dict.fromkeys(pages[:: 1 if n % 2 else -1], 1) for n in range(64)]
    in_threads(views.add, batches)
    assert [row.view_count for row in views.of_date(DAY)] == [64] * 4


def test_history_is_newest_first_and_limited(engagement: UserEngagementStore) -> None:
    person = uuid4()
    days = [DAY - timedelta(number) for number in range(40)]
    engagement.save(engagement_row(person, day) for day in reversed(days))
    assert [row.date for row in engagement.history(person)] == days[:30]
    assert [row.date for row in engagement.history(person, limit=2)] == days[:2]
    assert engagement.history(uuid4()) == []
    assert engagement.history(person, limit=1) == [engagement_row(person)]


def test_engagement_written_again_replaces_the_day(engagement: UserEngagementStore) -> None:
    person = uuid4()
    engagement.save([engagement_row(person, events=1)])
    engagement.save([engagement_row(person, events=9), engagement_row(uuid4())])
    assert [row.total_events for row in engagement.history(person)] == [9]
    engagement.save([])


def test_histories_of_several_people(engagement: UserEngagementStore) -> None:
    one, two = uuid4(), uuid4()
    engagement.save(
        engagement_row(person, DAY - timedelta(number))
        for person in (one, two)
        for number in (0, 1)
    )
    found = engagement.histories([one, two, uuid4()], limit=1)
    assert found == {one: [engagement_row(one)], two: [engagement_row(two)]}
    assert engagement.histories([]) == {}


def test_weeks_of_a_subject_are_newest_first(learning: LearningProgressStore) -> None:
    person = uuid4()
    mondays = [MONDAY - timedelta(weeks=number) for number in range(3)]
    learning.save(week(person, monday) for monday in reversed(mondays))
    learning.save([week(person, subject="History"), week(uuid4())])
    assert list(learning.in_subject(person, "Mathematics")) == [week(person, m) for m in mondays]
    assert list(learning.in_subject(person, "Mathematics", limit=1)) == [week(person)]
    assert list(learning.in_subject(person, "Physics")) == []


def test_a_week_written_again_replaces_it(learning: LearningProgressStore) -> None:
    person = uuid4()
    learning.save([week(person)])
    changed = replace(
        week(person), average_score=None, topics_mastered=frozenset(), lessons_completed=4
    )
    learning.save([changed])
    assert list(learning.in_subject(person, "Mathematics")) == [changed]
