"""Members and their roles, and what an archived class still allows."""

from typing import Any

import pytest

from accounts.tests.clients import api_as
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms import services
from classrooms.models import Member, MemberRole
from classrooms.selectors import classroom_ids_of
from classrooms.tests.factories import MemberFactory
from classrooms.tests.people import School, make_school
from config.errors import Conflict, InvalidInput, NotAllowed, NotFound

pytestmark = pytest.mark.django_db

MEMBERS = "/api/v1/members"


@pytest.fixture
def school() -> School:
    return make_school()


def test_adding_and_changing_members(school: School) -> None:
    newcomer = UserFactory(email="new@school.test")
    made = services.member_add_by_email(
        actor=school.co_teacher, classroom=school.classroom, email=" NEW@school.test"
    )
    assert (made.user, made.role) == (newcomer, "student")
    changed = services.member_add(
        actor=school.teacher, classroom=school.classroom, user=newcomer, role="assistant"
    )
    assert (changed.pk, changed.role) == (made.pk, "assistant")


def test_members_that_are_not_valid(school: School) -> None:
    add = {"actor": school.teacher, "classroom": school.classroom}
    with pytest.raises(InvalidInput):
        services.member_add(**add, user=UserFactory(), role="king")
    with pytest.raises(InvalidInput):
        services.member_add_by_email(**add, email="nobody@school.test")
    with pytest.raises(InvalidInput):
        services.member_add_by_email(**add, email=UserFactory(is_active=False).email)
    with pytest.raises(Conflict):
        services.member_add(**add, user=school.teacher)


def test_leaving_and_being_removed(school: School) -> None:
    services.member_remove(actor=school.student, member=school.membership)
    assert classroom_ids_of(school.student) == []
    services.member_remove(actor=school.teacher, member=Member.objects.get(user=school.assistant))
    assert list(school.classroom.members.values_list("user", flat=True)) == [school.co_teacher.pk]


def test_changing_a_role(school: School) -> None:
    path = f"{MEMBERS}/{school.membership.pk}"
    for name, expected in (
        ("outsider", 404),
        ("other_teacher", 404),
        ("student", 403),
        ("assistant", 403),
        ("co_teacher", 200),
        ("teacher", 200),
        ("admin", 200),
    ):
        Member.objects.filter(pk=school.membership.pk).update(role="student")
        response = api_as(school.person(name)).patch(path, {"role": "assistant"})
        assert response.status_code == expected, name
        school.membership.refresh_from_db()
        assert school.membership.role == ("assistant" if expected == 200 else "student")
    for body in ({}, {"role": "king"}, {"role": None}, {"user": str(school.outsider.pk)}):
        assert api_as(school.teacher).patch(path, body).status_code == 400


def test_only_a_teacher_of_the_school_is_a_co_teacher(school: School) -> None:
    with pytest.raises(InvalidInput) as caught:
        services.member_update(actor=school.teacher, member=school.membership, role="teacher")
    assert set(caught.value.errors) == {"role"}
    with pytest.raises(InvalidInput):
        services.member_add(
            actor=school.admin, classroom=school.classroom, user=UserFactory(), role="teacher"
        )
    made = services.member_add(
        actor=school.teacher, classroom=school.classroom, user=TeacherFactory(), role="teacher"
    )
    assert made.role == MemberRole.TEACHER


def test_nobody_gives_themselves_a_higher_role(school: School) -> None:
    own = MemberFactory(classroom=school.classroom, user=school.admin)
    with pytest.raises(NotAllowed):
        services.member_update(actor=school.admin, member=own, role="teacher")
    with pytest.raises(NotAllowed):
        services.member_add(
            actor=school.admin, classroom=school.classroom, user=school.admin, role="assistant"
        )
    co_teacher = Member.objects.get(user=school.co_teacher)
    lower = services.member_update(actor=school.co_teacher, member=co_teacher, role="student")
    assert lower.role == "student"
    with pytest.raises(NotAllowed):
        services.member_update(actor=school.co_teacher, member=lower, role="teacher")


def test_removing_and_changing_the_code(school: School) -> None:
    before = school.classroom.join_code
    services.member_remove(actor=school.teacher, member=school.membership, change_code=True)
    with pytest.raises(NotFound):
        services.classroom_join(user=school.student, join_code=before)
    school.classroom.refresh_from_db()
    assert services.classroom_join(user=school.student, join_code=school.classroom.join_code)


def test_who_leaves_changes_no_code(school: School) -> None:
    before, pk = school.classroom.join_code, school.membership.pk
    with pytest.raises(NotAllowed):
        services.member_remove(actor=school.student, member=school.membership, change_code=True)
    school.classroom.refresh_from_db()
    assert school.classroom.join_code == before
    assert Member.objects.filter(pk=pk).exists()


def test_an_archived_class_takes_nobody_and_lets_everybody_go(school: School) -> None:
    services.classroom_update(actor=school.teacher, classroom=school.classroom, is_active=False)
    body = {"classroom": str(school.classroom.pk), "email": UserFactory().email}
    client = api_as(school.teacher)
    for response in (
        client.post(MEMBERS, body),
        client.patch(f"{MEMBERS}/{school.membership.pk}", {"role": "assistant"}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "archived")
    assert len(client.get(MEMBERS, {"classroom": body["classroom"]}).json()["results"]) == 3
    assert api_as(school.student).delete(f"{MEMBERS}/{school.membership.pk}").status_code == 204


def test_filters_and_search(school: School) -> None:
    MemberFactory(classroom=school.other, user=UserFactory(name="Ada Lovelace"))
    client = api_as(school.admin)

    def found(path: str, **query: Any) -> int:
        return len(client.get(path, query).json()["results"])

    assert found(MEMBERS, q="lovelace") == 1
    assert found(MEMBERS, classroom=school.other.pk) == 2
    assert found(MEMBERS, user=school.student.pk) == 1
    assert found("/api/v1/classrooms", q="alg") == 1
    assert found("/api/v1/classrooms", q="nothing") == 0
    assert api_as(school.teacher).get(MEMBERS, {"q": "lovelace"}).json()["results"] == []
    assert client.get(MEMBERS, {"role": "king"}).status_code == 400
