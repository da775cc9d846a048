"""Classes and members by the API."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.clients import api_as
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms.models import Classroom, Member
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from classrooms.tests.people import RUNNERS, School, make_school

pytestmark = pytest.mark.django_db

CLASSROOMS = "/api/v1/classrooms"
MEMBERS = "/api/v1/members"
JOIN = f"{CLASSROOMS}/join"


@pytest.fixture
def school() -> School:
    return make_school()


def names(user: User, **query: Any) -> set[str]:
    return {row["name"] for row in api_as(user).get(CLASSROOMS, query).json()["results"]}


def test_everyone_sees_their_own_classes(school: School) -> None:
    assert names(school.admin) == {"Algebra", "Biology"}
    for name in ("teacher", "co_teacher", "assistant", "student"):
        assert names(school.person(name)) == {"Algebra"}
    assert names(school.outsider) == {"Biology"}
    assert names(UserFactory()) == set()


def test_filters(school: School) -> None:
    ClassroomFactory(name="Old", subject="Latin", is_active=False, teacher=school.teacher)
    assert names(school.teacher, is_active="false") == {"Old"}
    assert names(school.teacher, subject="Latin") == {"Old"}
    assert names(school.admin, teacher=str(school.other_teacher.pk)) == {"Biology"}
    assert api_as(school.admin).get(CLASSROOMS, {"teacher": "nobody"}).status_code == 400


@pytest.mark.parametrize("name", ["teacher", "student", "admin"])
def test_the_code_is_seen_by_those_who_run_the_class(school: School, name: str) -> None:
    for name in ("student", *RUNNERS):
        person = api_as(school.person(name))
        expected = school.classroom.join_code if name in RUNNERS else None
        assert person.get(f"{CLASSROOMS}/{school.classroom.pk}").json()["join_code"] == expected
        listed = person.get(CLASSROOMS).json()["results"]
        assert [row["join_code"] for row in listed if row["id"] == str(school.classroom.pk)] == [
            expected
        ]


def test_a_student_in_one_class_who_assists_in_another(school: School) -> None:
    MemberFactory(classroom=school.other, user=school.assistant)
    found = {
        row["name"]: row["join_code"]
        for row in api_as(school.assistant).get(CLASSROOMS).json()["results"]
    }
    assert found == {"Algebra": school.classroom.join_code, "Biology": None}


def test_making_and_changing_a_class() -> None:
    client = api_as(TeacherFactory())
    response = client.post(CLASSROOMS, {"name": "Algebra", "description": "x", "subject": "Maths"})
    assert response.status_code == 201
    made = response.json()
    assert len(made["join_code"]) == 8
    path = f"{CLASSROOMS}/{made['id']}"
    changed = client.patch(path, {"is_active": False, "name": "Geometry"})
    assert changed.status_code == 200
    assert client.get(path).json() == changed.json()
    assert (changed.json()["name"], changed.json()["is_active"]) == ("Geometry", False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": None},
        {"name": "x" * 201},
        {"name": "A", "subject": "x" * 101},
        {"name": "A", "teacher": "x"},
        {"name": "A", "join_code": "MYCODE12"},
        {"name": "A", "id": "x"},
        {"name": ["A"]},
        {"name": "A", "is_active": None},
    ],
)
def test_a_class_that_is_not_valid(body: dict[str, Any]) -> None:
    assert api_as(TeacherFactory()).post(CLASSROOMS, body).status_code == 400
    assert not Classroom.objects.exists()


def test_joining(school: School) -> None:
    client = api_as(UserFactory())
    first = client.post(JOIN, {"join_code": school.classroom.join_code})
    assert first.status_code == 200
    assert client.post(JOIN, {"join_code": school.classroom.join_code}).json() == first.json()
    assert client.post(JOIN, {"join_code": "WRONG234"}).json()["code"] == "unknown_join_code"
    assert client.post(JOIN, {"join_code": "x" * 33}).status_code == 400


def test_guessing_codes_is_limited() -> None:
    client = api_as(UserFactory())
    answers = [client.post(JOIN, {"join_code": f"WRONG{n:03d}"}).status_code for n in range(11)]
    assert answers == [404] * 10 + [429]


def test_a_removed_student_sees_nothing_any_more(school: School) -> None:
    student = api_as(school.student)
    response = api_as(school.teacher).delete(f"{MEMBERS}/{school.membership.pk}")
    assert response.status_code == 204
    assert student.get(f"{CLASSROOMS}/{school.classroom.pk}").status_code == 404
    assert student.get(MEMBERS).json()["results"] == []
    assert student.get(f"/api/v1/users/{school.teacher.pk}").status_code == 404


def test_members_of_ones_classes(school: School) -> None:
    for name in ("teacher", "student"):
        found = api_as(school.person(name)).get(MEMBERS).json()["results"]
        assert {row["classroom"] for row in found} == {str(school.classroom.pk)}
        assert len(found) == 3
    assert len(api_as(school.admin).get(MEMBERS).json()["results"]) == 4
    assert api_as(school.outsider).get(f"{MEMBERS}/{school.membership.pk}").status_code == 404
    assistants = api_as(school.teacher).get(MEMBERS, {"role": "assistant"}).json()["results"]
    assert [row["user"]["id"] for row in assistants] == [str(school.assistant.pk)]


def test_adding_a_member(school: School) -> None:
    newcomer = UserFactory()
    body = {"classroom": str(school.classroom.pk), "email": newcomer.email.upper()}
    response = api_as(school.teacher).post(MEMBERS, body)
    assert response.status_code == 201
    assert response.json()["user"]["id"] == str(newcomer.pk)
    unknown = api_as(school.teacher).post(MEMBERS, {**body, "email": "nobody@school.test"})
    assert unknown.json()["errors"][0]["field"] == "email"


def test_who_may_not_add_learns_nothing_of_addresses(school: School) -> None:
    known = UserFactory().email
    for person in (school.student, school.assistant):
        answers = [
            api_as(person).post(MEMBERS, {"classroom": str(school.classroom.pk), "email": email})
            for email in (known, "nobody@school.test")
        ]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert answers[0].json() == answers[1].json()
    outside = api_as(school.other_teacher).post(
        MEMBERS, {"classroom": str(school.classroom.pk), "email": known}
    )
    assert outside.status_code == 400  # a class that they can't see does not exist for them


def test_people_of_a_class_see_each_other(school: School) -> None:
    def sees(user: User) -> set[User]:
        found = api_as(user).get("/api/v1/users").json()["results"]
        return set(User.objects.filter(pk__in=[row["id"] for row in found]))

    members = {school.teacher, school.co_teacher, school.assistant, school.student}
    for person in members:
        assert sees(person) == members
    assert sees(school.outsider) == {school.outsider, school.other_teacher}


@pytest.mark.parametrize("rows", [2, 30])
@pytest.mark.parametrize(
    ("path", "name", "queries"),
    [
        (CLASSROOMS, "teacher", 3),  # the caller, the page, the classes whose code is shown
        (CLASSROOMS, "admin", 2),
        (MEMBERS, "teacher", 2),
        ("/api/v1/users", "teacher", 2),
    ],
)
def test_queries_of_the_lists(
    school: School,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    path: str,
    name: str,
    queries: int,
) -> None:
    for _ in range(rows):
        MemberFactory(
            classroom=ClassroomFactory(teacher=school.teacher),
            user=User.objects.create(email=f"row{_}@school.test"),
        )
    client = api_as(school.person(name))
    with django_assert_num_queries(queries):
        response = client.get(path, {"page_size": 50})
    assert len(response.json()["results"]) >= rows
    assert Member.objects.count() == rows + 4
