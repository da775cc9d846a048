"""The admin's pages over the stores."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.factories import AdminFactory
from analytics.services import events_record, rollups_rebuild
from analytics.stores.activity.embedded import EmbeddedActivityLogStore
from analytics.tests.factories import NOON, activity, event
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config.errors import StoreUnavailable
from config.stores import stores

pytestmark = pytest.mark.django_db

PAGES = ("activitylogrow", "eventrow", "pageviewrow", "userengagementrow", "learningprogressrow")


class DownStore(EmbeddedActivityLogStore):
    """An engine that is down."""

    def find(self, *args: Any, **kwargs: Any) -> Any:
        raise StoreUnavailable("MongoDB is unavailable")


@pytest.fixture
def student() -> User:
    """A student of a class, with a day of events, learning and activity behind them."""
    student: User = MemberFactory.create().user
    said = {"subject": "History", "minutes": "12"}
    events_record(
        events=[
            event(user_id=student.pk, page="/<b>lessons</b>"),
            event("study_time", user_id=student.pk, **said),
        ]
    )
    rollups_rebuild(start=NOON.date(), end=NOON.date(), now=NOON + timedelta(days=1))
    stores["activity_logs"].add([activity("quiz_start", user_id=student.pk)])
    return student


@pytest.fixture
def teacher(student: User) -> User:
    found: User = student.memberships.get().classroom.teacher
    return found


def page(caller: User, name: str, **query: Any) -> Any:
    client = Client()
    client.force_login(caller)
    return client.get(reverse(f"admin:analytics_{name}_changelist"), query, secure=True)


def text(caller: User, name: str, **query: Any) -> str:
    response = page(caller, name, **query)
    assert response.status_code == 200
    found: str = response.content.decode()
    return found


def test_every_page_opens_for_staff_alone(student: User, teacher: User) -> None:
    for name in PAGES:
        for caller in (teacher, AdminFactory.create()):
            assert page(caller, name).status_code == 200
        assert page(student, name).status_code == 302  # to the sign-in


def test_the_pages_show_the_rows(student: User, teacher: User) -> None:
    day = NOON.date().isoformat()
    assert "quiz_start" in text(teacher, "activitylogrow")
    assert "minutes: 12" in text(teacher, "eventrow", date=day, hour=12)
    seen = text(teacher, "eventrow", date=day, hour=12, event_type="page_view")
    assert "minutes: 12" not in seen
    assert "/&lt;b&gt;lessons" in text(teacher, "pageviewrow", date=day)
    assert student.email in text(teacher, "userengagementrow").replace("%40", "@")
    assert day in text(teacher, "userengagementrow", person=student.email)
    assert "History" in text(teacher, "learningprogressrow", person=student.email)
    weeks = text(teacher, "learningprogressrow", person=student.email, subject="History")
    assert "2026-03-02" in weeks
    assert "History" in text(teacher, "learningday")


def test_a_teacher_of_another_class_sees_none_of_it(student: User) -> None:
    stranger = ClassroomFactory.create().teacher
    day = NOON.date().isoformat()
    assert "quiz_start" not in text(stranger, "activitylogrow")
    events = text(stranger, "eventrow", date=day, hour=12)
    assert "No events in this hour" in events
    assert "History" not in text(stranger, "learningday")
    for name in ("activitylogrow", "eventrow", "userengagementrow", "learningprogressrow"):
        assert "Nobody whose data you may see" in text(stranger, name, person=student.email)


def test_older_entries_follow_page_by_page(student: User, teacher: User) -> None:
    stores["activity_logs"].add(
        [activity(f"number{n:03}", minutes=n, user_id=student.pk) for n in range(150)]
    )
    first = page(teacher, "activitylogrow", person=student.email)
    assert b"number149" in first.content and b"number049" not in first.content
    client = Client()
    client.force_login(teacher)
    address = reverse("admin:analytics_activitylogrow_changelist")
    second = client.get(address + first.context["older"], secure=True)
    assert b"number049" in second.content and b"number149" not in second.content


def test_a_wrong_filter_is_said_on_the_page(teacher: User) -> None:
    assert "Enter a valid date" in text(teacher, "pageviewrow", date="soon")
    assert "less than or equal to 23" in text(teacher, "eventrow", hour=24)
    response = page(teacher, "activitylogrow", after="nonsense")
    assert response.status_code == 400
    assert b"no cursor of ours" in response.content


def test_the_last_day_ends_a_range(teacher: User) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        text(teacher, "activitylogrow", since=day, until=day)
    assert "quiz_start" in text(teacher, "activitylogrow", until="9999-12-31")


def test_a_store_that_is_down_is_said_on_the_page(teacher: User, settings: LazySettings) -> None:
    settings.STORES = {**settings.STORES, "activity_logs": {"BACKEND": f"{__name__}.DownStore"}}
    stores.close()
    try:
        response = page(teacher, "activitylogrow")
    finally:
        stores.close()
    assert response.status_code == 503
    assert b"MongoDB is unavailable" in response.content


def test_the_pages_cost_the_same_for_any_class(
    student: User, teacher: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    classroom = student.memberships.get().classroom
    for _ in range(20):
        other = MemberFactory.create(classroom=classroom).user
        stores["activity_logs"].add([activity(user_id=other.pk)])
        events_record(events=[event(user_id=other.pk, at=timezone.now())])
    for name in PAGES:
        with django_assert_max_num_queries(15):
            page(teacher, name)
