"""Asking to be let into a class, and letting in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import UserPreferences
from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from classrooms import services
from classrooms.models import Classroom, JoinRequest, Member, MemberRole
from classrooms.tests.factories import ClassroomFactory
from classrooms.tests.people import School, make_school
from config.errors import Conflict, NotFound

pytestmark = pytest.mark.django_db

CLASSROOMS = "/api/v1/classrooms"
JOIN = f"{CLASSROOMS}/join"
REQUESTS = "/api/v1/join-requests"


@pytest.fixture
def school() -> School:
    return make_school()


def ask(classroom: Classroom, user: Any = None) -> JoinRequest:
    """A request of someone who knows the code of a class that asks for approval."""
    services.join_rules_update(actor=classroom.teacher, classroom=classroom, requires_approval=True)
    found = services.classroom_join(user=user or UserFactory(), join_code=classroom.join_code or "")
    assert isinstance(found, JoinRequest)
    return found


def test_waiting_opens_nothing_and_asking_again_changes_nothing(school: School) -> None:
    classroom, student = school.classroom, UserFactory()
    services.join_rules_update(actor=school.teacher, classroom=classroom, requires_approval=True)
    client = api_as(student)
    first = client.post(JOIN, {"join_code": classroom.join_code})
    again = client.post(JOIN, {"join_code": classroom.join_code})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert client.get(f"{CLASSROOMS}/{classroom.pk}").status_code == 404
    assert client.get("/api/v1/members").json()["results"] == []
    assert [row["id"] for row in client.get(REQUESTS).json()["results"]] == [first.json()["id"]]
    # Who is in already is in, whatever they are.
    member = services.classroom_join(user=school.assistant, join_code=classroom.join_code)
    assert isinstance(member, Member)
    assert member.role == MemberRole.ASSISTANT


def test_who_lets_people_in(school: School) -> None:
    for name, expected in (
        ("", 401),
        ("outsider", 404),
        ("other_teacher", 404),
        ("student", 404),
        ("assistant", 403),
        ("co_teacher", 200),
        ("teacher", 200),
        ("admin", 200),
    ):
        request = ask(school.classroom)
        client = api_as(school.person(name)) if name else api_as()
        assert client.post(f"{REQUESTS}/{request.pk}/approve").status_code == expected, name
        inside = Member.objects.filter(user=request.user, classroom=school.classroom).exists()
        assert inside == (expected == 200), name
        assert JoinRequest.objects.filter(pk=request.pk).exists() == (expected != 200), name
    own = ask(school.classroom)
    assert api_as(own.user).post(f"{REQUESTS}/{own.pk}/approve").status_code == 403


def test_rejecting_and_withdrawing(school: School) -> None:
    own, other, third = (ask(school.classroom) for _ in range(3))
    assert api_as(own.user).delete(f"{REQUESTS}/{own.pk}").status_code == 204
    assert api_as(own.user).delete(f"{REQUESTS}/{other.pk}").status_code == 404
    assert api_as(school.assistant).delete(f"{REQUESTS}/{other.pk}").status_code == 403
    assert api_as(school.co_teacher).delete(f"{REQUESTS}/{other.pk}").status_code == 204
    assert list(JoinRequest.objects.all()) == [third]
    with pytest.raises(NotFound):  # two teachers answer at once
        services.join_request_approve(actor=school.teacher, join_request=other)


def test_the_filter_of_requests(school: School) -> None:
    mine, theirs = ask(school.classroom), ask(school.other)
    client = api_as(school.admin)

    def found(**query: Any) -> set[str]:
        return {row["id"] for row in client.get(REQUESTS, query).json()["results"]}

    assert found() == {str(mine.pk), str(theirs.pk)}
    assert found(classroom=school.classroom.pk) == {str(mine.pk)}
    assert found(user=theirs.user.pk) == {str(theirs.pk)}


def test_what_ends_a_request(school: School) -> None:
    added, joined = ask(school.classroom), ask(school.classroom)
    services.member_add(actor=school.teacher, classroom=school.classroom, user=added.user)
    services.join_rules_update(
        actor=school.teacher, classroom=school.classroom, requires_approval=False
    )
    services.classroom_join(user=joined.user, join_code=school.classroom.join_code)
    assert not JoinRequest.objects.exists()
    archived = ask(school.classroom)
    services.classroom_update(actor=school.teacher, classroom=school.classroom, is_active=False)
    with pytest.raises(Conflict) as caught:
        services.join_request_approve(actor=school.teacher, join_request=archived)
    assert caught.value.code == "archived"


def test_the_mails(
    school: School, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first, second = ask(school.classroom), ask(school.classroom)
    assert [message.to for message in mail.outbox] == [[school.teacher.email]]
    mail.outbox.clear()
    UserPreferences.objects.filter(user=second.user).update(notification_email=False)
    with django_capture_on_commit_callbacks(execute=True):
        for request in (first, second):
            services.join_request_approve(actor=school.teacher, join_request=request)
    assert [message.to for message in mail.outbox] == [[first.user.email]]
    assert "Algebra" in mail.outbox[0].subject


@pytest.mark.django_db(transaction=True)
def test_asking_ten_times_at_once_is_asking_once() -> None:
    classroom, user = ClassroomFactory(), UserFactory()
    services.join_rules_update(actor=classroom.teacher, classroom=classroom, requires_approval=True)

    def join(_: int) -> object:
        try:
            return services.classroom_join(user=user, join_code=classroom.join_code).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        assert len(set(threads.map(join, range(10)))) == 1
    assert (JoinRequest.objects.count(), Member.objects.count()) == (1, 0)
