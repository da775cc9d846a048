"""Rosters by the API."""

from typing import Any

import pytest

from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from classrooms import tasks  # noqa: F401 - registers them
from classrooms.models import Member, RosterImport
from classrooms.tests.factories import MemberFactory
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes, rows, upload

pytestmark = pytest.mark.django_db(transaction=True)

IMPORTS = "/api/v1/roster-imports"


@pytest.fixture
def school() -> School:
    return make_school()


def post(school: School, name: str, data: bytes = b"email\nnew@school.test\n") -> Any:
    client = api_as(school.person(name))
    body = {"classroom": str(school.classroom.pk), "file": upload(data)}
    return client.post(IMPORTS, body, format="multipart")


def test_from_upload_to_done(school: School) -> None:
    client = api_as(school.teacher)
    accepted = post(school, "teacher", csv_bytes("new@school.test,New,", "bad,,"))
    assert accepted.status_code == 202
    path = f"{IMPORTS}/{accepted.json()['id']}"
    invalid = client.get(path).json()
    assert invalid["state"] == "invalid"
    assert invalid["errors"] == [{"row": 3, "field": "email", "detail": "Not an address: bad"}]
    assert client.post(f"{path}/confirm").status_code == 409
    assert client.delete(path).status_code == 204

    path = f"{IMPORTS}/{post(school, 'teacher', csv_bytes('new@school.test,New,')).json()['id']}"
    ready = client.get(path).json()
    assert (ready["state"], ready["rows_total"], ready["counts"]) == (
        "ready",
        1,
        {"new_account": 1},
    )
    assert ready["preview"] == [
        {
            "row": 2,
            "email": "new@school.test",
            "name": "New",
            "role": "student",
            "was": None,
            "does": "new_account",
        }
    ]
    assert client.post(f"{path}/confirm").status_code == 202
    assert client.get(path).json()["state"] == "done"
    assert Member.objects.filter(user__email="new@school.test").exists()


def test_who_imports_and_sees_imports(school: School) -> None:
    for name, made, seen in (
        ("admin", 202, 200),
        ("teacher", 202, 200),
        ("co_teacher", 202, 200),
        ("assistant", 403, 404),
        ("student", 403, 404),
        ("other_teacher", 400, 404),
        ("outsider", 400, 404),
    ):
        assert post(school, name).status_code == made, name
        found = RosterImport.objects.filter(classroom=school.classroom).first()
        assert found is not None
        client = api_as(school.person(name))
        assert client.get(f"{IMPORTS}/{found.pk}").status_code == seen, name
        if seen == 404:
            assert client.post(f"{IMPORTS}/{found.pk}/confirm").status_code == 404
            assert client.delete(f"{IMPORTS}/{found.pk}").status_code == 404
            assert client.get(IMPORTS).json()["results"] == []
    assert api_as().get(IMPORTS).status_code == 401


def test_what_is_refused_at_once(school: School) -> None:
    for data in (b"", b"%PDF-1.4"):
        response = post(school, "teacher", data)
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "file"
    assert post(school, "teacher", b"x" * (6 * 2**20)).status_code == 413
    client = api_as(school.teacher)
    assert client.post(IMPORTS, {"file": "x"}, format="json").status_code == 400


def test_filters_and_what_a_list_leaves_out(school: School) -> None:
    post(school, "teacher")
    post(school, "teacher", csv_bytes("bad,,"))
    client = api_as(school.teacher)

    def found(**query: Any) -> list[Any]:
        return list(client.get(IMPORTS, query).json()["results"])

    assert {row["state"] for row in found()} == {"ready", "invalid"}
    assert len(found(state="ready")) == 1
    assert len(found(classroom=str(school.classroom.pk))) == 2
    assert found(classroom=str(school.other.pk)) == []
    assert "preview" not in found()[0]


def test_the_roster_as_a_file(school: School) -> None:
    path = f"/api/v1/classrooms/{school.classroom.pk}/roster"
    for name, expected in (
        ("admin", 200),
        ("teacher", 200),
        ("co_teacher", 200),
        ("assistant", 403),
        ("student", 403),
        ("other_teacher", 404),
        ("outsider", 404),
    ):
        assert api_as(school.person(name)).get(path).status_code == expected, name
    client = api_as(school.teacher)
    for kind, media in (("csv", "text/csv"), ("xlsx", "application/vnd.openxml")):
        response = client.get(path, {"type": kind}, headers={"Accept": "text/csv"})
        assert response["Content-Type"].startswith(media)
        assert f'filename="roster-algebra.{kind}"' in response["Content-Disposition"]
        assert {row[1] for row in rows(response.content)} == {
            school.student.email,
            school.assistant.email,
            school.co_teacher.email,
        }
    assert client.get(path, {"type": "pdf"}).status_code == 400


@pytest.mark.parametrize("path", ["roster-imports", "join-requests", "members", "classrooms"])
def test_queries_of_the_lists_are_equal_for_10_and_1000_rows(school: School, path: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from classrooms.models import Classroom, JoinRequest

    def grow(count: int, start: int) -> None:
        users = User.objects.bulk_create(
            [User(email=f"r{n}@school.test") for n in range(start, start + count)]
        )
        classes = Classroom.objects.bulk_create(
            [Classroom(name=f"C{user.email}", teacher=school.teacher) for user in users]
        )
        pairs = list(zip(classes, users, strict=True))
        Member.objects.bulk_create([Member(classroom=c, user=u) for c, u in pairs])
        JoinRequest.objects.bulk_create([JoinRequest(classroom=c, user=u) for c, u in pairs])
        RosterImport.objects.bulk_create([RosterImport(classroom=c, file="x") for c, _ in pairs])

    client, counts = api_as(school.teacher), []
    for count, start in ((10, 0), (990, 10)):
        grow(count, start)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"/api/v1/{path}", {"page_size": 100})
        counts.append(len(captured))
    assert len(response.json()["results"]) == 100
    assert counts[0] == counts[1] <= 3


def test_a_removed_co_teacher_sees_no_import(school: School) -> None:
    post(school, "co_teacher")
    Member.objects.filter(user=school.co_teacher).delete()
    assert api_as(school.co_teacher).get(IMPORTS).json()["results"] == []
    assert MemberFactory(classroom=school.classroom, user=UserFactory()).pk
