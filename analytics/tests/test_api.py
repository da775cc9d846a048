"""The API of analytics: by role, by class, by class's edge."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from analytics.services import events_record, rollups_rebuild
from analytics.stores.rollups.base import PageHour
from analytics.tests.factories import NOON, activity, event, raw_event
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits
from config.stores import stores

pytestmark = pytest.mark.django_db


class School:
    """A class with a teacher, an assistant and two students; another class; an admin."""

    def __init__(self) -> None:
        self.classroom = ClassroomFactory.create()
        self.teacher: User = self.classroom.teacher
        self.student: User = MemberFactory.create(classroom=self.classroom).user
        self.classmate: User = MemberFactory.create(classroom=self.classroom).user
        self.assistant: User = MemberFactory.create(classroom=self.classroom, role="assistant").user
        self.stranger: User = MemberFactory.create().user
        self.admin: User = AdminFactory.create()
        self.everyone = [
            self.teacher,
            self.student,
            self.classmate,
            self.assistant,
            self.stranger,
            self.admin,
        ]


@pytest.fixture
def school() -> School:
    return School()


def as_user(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def get(caller: User, path: str, **query: Any) -> Any:
    return as_user(caller).get(f"/api/v1/{path}", query)


def people(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {entry["user_id"] for entry in response.json()["results"]}


def ids(*users: User) -> set[str]:
    return {str(user.pk) for user in users}


def test_events_are_answered_with_202_and_verdicts(school: School) -> None:
    now = timezone.now()
    body = {"events": [raw_event(now), {"event_id": 1}, raw_event(now, event_time="x")]}
    response = as_user(school.student).post("/api/v1/events", body, format="json")
    assert response.status_code == 202
    verdicts = response.json()["verdicts"]
    assert [verdict["status"] for verdict in verdicts] == ["accepted", "rejected", "rejected"]
    assert verdicts[0]["event_id"] == body["events"][0]["event_id"]
    assert verdicts[2]["reason"] == "invalid_event_time"
    (kept,) = stores["events"].of_hour(now)
    assert kept.user_id == school.student.pk


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"events": {}}, 400),
        ({"events": []}, 400),
        ({"events": [], "user": "me"}, 400),
        ([], 400),
        ({"events": [{}] * (limits.EVENTS_PER_REQUEST + 1)}, 413),
    ],
)
def test_a_batch_that_is_none(school: School, body: Any, status: int) -> None:
    response = as_user(school.student).post("/api/v1/events", body, format="json")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_events_need_a_person_and_have_a_rate(school: School) -> None:
    assert APIClient().post("/api/v1/events", {"events": []}, format="json").status_code == 401
    client = as_user(school.student)
    for _ in range(limits.RATE_LIMITS["events"]):
        assert client.post("/api/v1/events", {}, format="json").status_code == 400
    assert client.post("/api/v1/events", {}, format="json").status_code == 429


def test_who_sees_whose_activity(school: School) -> None:
    stores["activity_logs"].add([activity(user_id=user.pk) for user in school.everyone])
    student, classmate = school.student, school.classmate
    for caller, expected in (
        (student, ids(student)),
        (school.stranger, ids(school.stranger)),
        (school.teacher, ids(school.teacher, student, classmate)),
        (school.assistant, ids(school.assistant, student, classmate)),
        (TeacherFactory.create(), set()),
        (school.admin, ids(*school.everyone)),
    ):
        assert people(get(caller, "activity")) == expected
    assert people(get(student, "activity", user=classmate.pk)) == set()
    assert people(get(school.teacher, "activity", user=student.pk)) == ids(student)
    assert people(get(school.teacher, "activity", user=school.stranger.pk)) == set()
    assert get(school.admin, "activity", user="me").status_code == 400


def test_to_put_a_colleague_into_a_class_does_not_open_their_log(school: School) -> None:
    for colleague in (TeacherFactory.create(), school.admin):
        MemberFactory.create(classroom=school.classroom, user=colleague)
        stores["activity_logs"].add([activity(user_id=colleague.pk)])
    assert people(get(school.teacher, "activity")) == set()


def test_from_where_is_for_oneself_and_admins(school: School) -> None:
    student = school.student
    entry = activity(user_id=student.pk, ip_address="192.0.2.7", user_agent="Firefox")
    stores["activity_logs"].add([entry])
    for caller, address, agent in (
        (student, "192.0.2.7", "Firefox"),
        (school.admin, "192.0.2.7", "Firefox"),
        (school.teacher, None, ""),
        (school.assistant, None, ""),
    ):
        (shown,) = get(caller, "activity", user=student.pk).json()["results"]
        assert (shown["ip_address"], shown["user_agent"]) == (address, agent)


def test_activity_is_filtered_and_paged(school: School) -> None:
    person = school.student
    stores["activity_logs"].add(
        [activity(f"action{n % 2}", minutes=n, user_id=person.pk) for n in range(10)]
    )
    client = as_user(person)
    url: str | None = "/api/v1/activity?page_size=3&action=action1"
    seen = []
    while url:
        page = client.get(url).json()
        seen += [entry["timestamp"] for entry in page["results"]]
        url = page["next"]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    since = (NOON + timedelta(minutes=8)).isoformat()
    assert len(get(person, "activity", since=since).json()["results"]) == 2
    assert len(get(person, "activity", until=since).json()["results"]) == 8
    assert len(get(person, "activity", resource_type="quiz").json()["results"]) == 0
    for wrong in ({"cursor": "x"}, {"since": "soon"}, {"page_size": 0}, {"colour": "red"}):
        response = get(person, "activity", **wrong)
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == next(iter(wrong))


def test_page_views_are_for_staff_and_live(school: School) -> None:
    now = timezone.now()
    as_user(school.student).post("/api/v1/events", {"events": [raw_event(now)]}, format="json")
    day = now.astimezone(tz=NOON.tzinfo).date().isoformat()
    for caller in (school.teacher, school.admin):
        rows = get(caller, "analytics/page-views", date=day).json()["results"]
        assert [(row["page"], row["view_count"]) for row in rows] == [("/lessons", 1)]
    assert get(school.student, "analytics/page-views", date=day).status_code == 403
    assert get(school.teacher, "analytics/page-views").status_code == 400


def test_who_sees_whose_rollups(school: School) -> None:
    student = school.student
    said = {"subject": "Mathematics", "minutes": "12"}
    events_record(
        events=[event(user_id=student.pk), event("study_time", user_id=student.pk, **said)]
    )
    rollups_rebuild(start=NOON.date(), end=NOON.date(), now=NOON + timedelta(days=1))
    for path, query, field, value in (
        ("analytics/engagement", {}, "total_events", 2),
        ("analytics/learning-progress", {"subject": "Mathematics"}, "time_spent_minutes", 12),
    ):
        own = get(student, path, **query).json()["results"]
        assert [row[field] for row in own] == [value]
        for caller in (school.teacher, school.assistant, school.admin):
            assert get(caller, path, user=student.pk, **query).json()["results"] == own
        for caller in (school.classmate, school.stranger, TeacherFactory.create()):
            assert get(caller, path, user=student.pk, **query).status_code == 404
            assert get(caller, path, **query).json()["results"] == []
        assert get(school.teacher, path, user=uuid4(), **query).status_code == 404


def test_a_page_of_activity_costs_the_same_for_any_class(
    school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 20):
        for _ in range(count):
            user = MemberFactory.create(classroom=school.classroom, user=UserFactory.create()).user
            stores["activity_logs"].add([activity(user_id=user.pk)])
        with django_assert_num_queries(2):  # the people, their entries
            assert get(school.teacher, "activity").status_code == 200


def test_page_views_come_in_pages(school: School) -> None:
    now = timezone.now()
    day = now.date()
    stores["page_view_stats"].add(
        {PageHour(day, hour, f"/page{page}"): 1 for hour in (1, 2) for page in range(5)}
    )
    seen, url = [], f"/api/v1/analytics/page-views?date={day}&page_size=3"
    while url:
        body = as_user(school.admin).get(url).json()
        assert len(body["results"]) <= 3
        seen += [(row["hour"], row["page"]) for row in body["results"]]
        url = body["next"]
    assert seen == [(hour, f"/page{page}") for hour in (2, 1) for page in range(5)]
    for cursor in ("broken", "MQ=="):  # the second is well-formed, but of no row
        refused = get(school.admin, "analytics/page-views", date=day, cursor=cursor)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "cursor"
