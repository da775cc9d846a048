"""A teacher whom the school makes a student runs no class any more, their own neither."""

import pytest

from accounts.models import Role, User
from accounts.tests.clients import api_as
from classrooms.models import Classroom, MemberRole
from classrooms.policies import owns, teaches
from classrooms.tests.people import School, make_school

pytestmark = pytest.mark.django_db

API = "/api/v1"


@pytest.fixture
def school() -> School:
    return make_school()


def demoted(user: User) -> User:
    User.objects.filter(pk=user.pk).update(role=Role.STUDENT)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("who", ["teacher", "co_teacher"])
def test_what_is_left_to_them(school: School, who: str) -> None:
    api = api_as(demoted(school.person(who)))
    one = f"{API}/classrooms/{school.classroom.pk}"
    shown = api.get(one)
    assert (shown.status_code, shown.json()["join_code"]) == (200, None)
    body = {"classroom": str(school.classroom.pk)}
    for method, path, data in (
        ("get", f"{one}/roster", {}),
        ("patch", one, {"name": "Mine"}),
        ("post", f"{one}/join-code", {}),
        ("post", f"{API}/members", {**body, "email": school.outsider.email}),
        (
            "post",
            f"{API}/meetings",
            {**body, "title": "Lesson", "scheduled_at": "2027-01-11T09:00:00Z"},
        ),
        ("post", f"{API}/assessments", {**body, "title": "Quiz", "type": "quiz"}),
    ):
        assert getattr(api, method)(path, data).status_code in (400, 403), path
    activity = api.get(f"{API}/activity", {"user": str(school.student.pk)})
    assert activity.json()["results"] == []
    assert (
        api.get(f"{API}/analytics/engagement", {"user": str(school.student.pk)}).status_code == 404
    )


@pytest.mark.parametrize("who", ["teacher", "co_teacher"])
def test_policies_and_querysets_agree(school: School, who: str) -> None:
    person = demoted(school.person(who))
    assert not owns(person, school.classroom)
    assert not teaches(person, school.classroom)
    assert not Classroom.objects.taught_by(person).exists()
    assert not Classroom.objects.owned_by(person).exists()
    assert Classroom.objects.visible_to(person).get() == school.classroom


def test_an_assistant_may_be_a_student(school: School) -> None:
    assert school.assistant.role == Role.STUDENT
    assert teaches(school.assistant, school.classroom)
    assert Classroom.objects.taught_by(school.assistant).get() == school.classroom
    member = school.classroom.members.get(user=school.assistant)
    member.role = MemberRole.STUDENT
    member.save()
    assert not teaches(school.assistant, school.classroom)
