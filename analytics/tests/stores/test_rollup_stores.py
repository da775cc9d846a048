"""The contracts of the stores of the rollups, on every engine."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
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
from config import limits
from config.errors import DomainError
from config.stores import Store
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


def scanned(store: Store[Any], limit: int) -> list[Any]:
    """Everything in the store, each page read by another object, as another process would."""
    found, after = [], None
    while True:
        page = type(store)(**store.options).scan(after=after, limit=limit)
        found += page.records
        after = page.next
        if after is None:
            return found


# --- page views ----------------------------------------------------------------------------------


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


def test_counters_of_any_page_and_hour(views: PageViewStore) -> None:
    pages = ["/", "", "/ünï/日本/🎓", "/" + "a" * (limits.PAGE_MAX - 1)]
    counts = {PageHour(DAY, hour, page): 3**hour for hour in range(24) for page in pages}
    views.add(counts)
    assert {row.key: row.view_count for row in views.of_date(DAY)} == counts
    assert [row.hour for row in views.of_date(DAY)] == [h for h in range(23, -1, -1) for _ in pages]


def test_counters_may_be_large_and_below_zero(views: PageViewStore) -> None:
    views.add({PageHour(DAY, 9, "/a"): 2**40, PageHour(DAY, 9, "/b"): -5})
    views.add({PageHour(DAY, 9, "/a"): 1, PageHour(DAY, 9, "/b"): 0})
    assert [row.view_count for row in views.of_date(DAY)] == [2**40 + 1, -5]


def test_many_pages_of_several_days_at_once(views: PageViewStore) -> None:
    days = [DAY + timedelta(number) for number in range(3)]
    views.add({PageHour(day, 9, f"/{n:03}"): n + 1 for day in days for n in range(150)})
    for day in days:
        assert [row.view_count for row in views.of_date(day)] == list(range(1, 151))
    assert views.of_date(DAY + timedelta(3)) == []


def test_a_count_added_again_counts_again(views: PageViewStore) -> None:
    """It is not a record but a change, unlike all that `load` is given."""
    for _ in range(2):
        views.add({PageHour(DAY, 9, "/a"): 2})
    assert [row.view_count for row in views.of_date(DAY)] == [4]


def test_views_loaded_twice_are_as_loaded_once(views: PageViewStore) -> None:
    views.add({PageHour(DAY, 9, "/a"): 100})
    records = [PageViews(DAY, 9, "/a", 7), PageViews(DAY + timedelta(1), 10, "/b", 8)]
    views.load(records)
    views.load(records)
    views.load([])
    assert [*views.of_date(DAY), *views.of_date(DAY + timedelta(1))] == records


def test_a_scan_sees_every_counter_once(views: PageViewStore) -> None:
    counts = {PageHour(DAY + timedelta(n % 7), n % 24, f"/{n}"): n + 1 for n in range(60)}
    views.add({**counts, PageHour(DAY, 9, "/zero"): 1})
    views.add({PageHour(DAY, 9, "/zero"): -1})
    found = scanned(views, limit=9)
    assert len(found) == 60
    assert {row.key: row.view_count for row in found} == counts


@pytest.mark.django_db(transaction=True)
def test_no_concurrent_view_is_lost(views: PageViewStore) -> None:
    pages = [PageHour(DAY, hour, page) for hour in (8, 9) for page in ("/a", "/b")]
    batches = [dict.fromkeys(pages[:: 1 if n % 2 else -1], 1) for n in range(64)]
    in_threads(views.add, batches)
    assert [row.view_count for row in views.of_date(DAY)] == [64] * 4


# --- engagement ----------------------------------------------------------------------------------


def test_a_day_of_a_person_comes_back_as_it_was_written(engagement: UserEngagementStore) -> None:
    rows = [
        UserEngagement(uuid4(), date(2000, 2, 29), 2**62, 2**31 - 1, 0, 1, 0.1 + 0.2),
        UserEngagement(uuid4(), date(2199, 12, 31), 0, 0, 0, 0, -0.0),
        UserEngagement(uuid4(), DAY, 1, 2, 3, 4, 1e-300),
    ]
    engagement.save(rows)
    for row in rows:
        assert engagement.history(row.user_id) == [row]


@pytest.mark.django_db(transaction=True)  # PostgreSQL answers nothing in a transaction that failed
@pytest.mark.parametrize(
    "wrong",
    [{"total_events": 2**63}, {"unique_pages": 2**31}, {"total_time_minutes": -(2**31) - 1}],
)
def test_a_number_that_is_too_large_is_refused(
    engagement: UserEngagementStore, wrong: dict[str, int]
) -> None:
    person = uuid4()
    with pytest.raises(DomainError) as refused:
        engagement.save([replace(engagement_row(person), **wrong)])
    assert refused.value.status in (400, 413)
    assert engagement.history(person) == []


def test_history_is_newest_first_and_limited(engagement: UserEngagementStore) -> None:
    person = uuid4()
    days = [DAY - timedelta(number) for number in range(40)]
    engagement.save(engagement_row(person, day) for day in reversed(days))
    assert [row.date for row in engagement.history(person)] == days[:30]
    assert [row.date for row in engagement.history(person, limit=2)] == days[:2]
    assert engagement.history(uuid4()) == []
    assert engagement.history(person, limit=1) == [engagement_row(person)]
    assert len(engagement.history(person, limit=100)) == 40
    assert engagement.history(person, limit=0) == []


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


def test_histories_of_a_whole_school(engagement: UserEngagementStore) -> None:
    people = [uuid4() for _ in range(250)]
    engagement.save(engagement_row(person, events=n) for n, person in enumerate(people))
    found = engagement.histories(people)
    assert found == {person: [engagement_row(person, events=n)] for n, person in enumerate(people)}


def test_engagement_loaded_twice_is_as_loaded_once(engagement: UserEngagementStore) -> None:
    person = uuid4()
    engagement.save([engagement_row(person, events=9)])
    records = [engagement_row(person), engagement_row(person, DAY - timedelta(1))]
    engagement.load(records)
    engagement.load(records)
    assert engagement.history(person) == records


def test_a_scan_sees_every_day_once(engagement: UserEngagementStore) -> None:
    rows = [engagement_row(uuid4(), DAY - timedelta(n % 3), events=n) for n in range(55)]
    engagement.save(rows)
    found = scanned(engagement, limit=10)
    assert sorted(found, key=lambda row: row.total_events) == rows


@pytest.mark.django_db(transaction=True)
def test_days_of_many_writers_are_all_there(engagement: UserEngagementStore) -> None:
    person, days = uuid4(), [DAY - timedelta(number) for number in range(64)]
    in_threads(lambda day: engagement.save([engagement_row(person, day)]), days)
    assert [row.date for row in engagement.history(person, limit=100)] == days


# --- learning progress ---------------------------------------------------------------------------


def test_a_week_comes_back_as_it_was_written(learning: LearningProgressStore) -> None:
    topics = frozenset({"", "Brüche", "日本語", "🎓", "a" * 1000})
    rows = [
        LearningProgress(uuid4(), "Mathe & Förderung 数学", MONDAY, 0, 0, None, frozenset()),
        LearningProgress(uuid4(), "", MONDAY, 2**31 - 1, 1, 1 / 3, topics),
        LearningProgress(uuid4(), "S" * 100, date(2000, 1, 3), 1, 2, 0.0, frozenset({"one"})),
    ]
    learning.save(rows)
    for row in rows:
        assert list(learning.in_subject(row.user_id, row.subject)) == [row]


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


def test_a_subject_is_one_persons_and_has_its_own_name(learning: LearningProgressStore) -> None:
    person, other = uuid4(), uuid4()
    learning.save([week(person), week(person, subject="mathematics"), week(other)])
    assert list(learning.in_subject(person, "Mathematics")) == [week(person)]
    assert list(learning.in_subject(person, "Mathematics ")) == []
    assert list(learning.in_subject(uuid4(), "Mathematics")) == []
    assert list(learning.in_subject(person, "Mathematics", limit=0)) == []


def test_a_name_that_is_too_long_is_refused(learning: LearningProgressStore) -> None:
    with pytest.raises(DomainError) as refused:
        learning.save([week(uuid4(), subject="s" * 70_000)])
    assert refused.value.status in (400, 413)


def test_weeks_loaded_twice_are_as_loaded_once(learning: LearningProgressStore) -> None:
    person = uuid4()
    learning.save([replace(week(person), lessons_completed=9)])
    records = [week(person), replace(week(person, subject="History"), average_score=None)]
    learning.load(records)
    learning.load(records)
    assert list(learning.in_subject(person, "Mathematics")) == records[:1]
    assert list(learning.in_subject(person, "History")) == records[1:]


def test_a_scan_sees_every_week_once(learning: LearningProgressStore) -> None:
    rows = [
        replace(week(uuid4(), MONDAY - timedelta(weeks=n % 3)), lessons_completed=n)
        for n in range(55)
    ]
    learning.save(rows)
    found = scanned(learning, limit=10)
    assert sorted(found, key=lambda row: row.lessons_completed) == rows
