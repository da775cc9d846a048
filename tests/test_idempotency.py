"""A creation that is sent twice with one key is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.models import IdempotencyKey
from accounts.services import idempotency_keys_purge
from accounts.tests.clients import api_as
from accounts.tests.factories import TeacherFactory
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits
from retrieval.models import Document
from tests.openapi import operations

CLASSROOMS = "/api/v1/classrooms"
DOCUMENTS = "/api/v1/documents"


def key(value: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": value}}


@pytest.mark.django_db
def test_the_second_answer_is_the_first() -> None:
    api = api_as(TeacherFactory())
    first = api.post(CLASSROOMS, {"name": "Algebra"}, **key("one"))
    again = api.post(CLASSROOMS, {"name": "Algebra"}, **key("one"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Classroom.objects.count() == 1
    assert api.post(CLASSROOMS, {"name": "Algebra"}, **key("two")).status_code == 201
    assert api.post(CLASSROOMS, {"name": "Algebra"}).status_code == 201
    assert Classroom.objects.count() == 3


@pytest.mark.django_db
def test_a_key_for_something_else_is_a_mistake() -> None:
    api = api_as(TeacherFactory())
    api.post(CLASSROOMS, {"name": "Algebra"}, **key("one"))
    for path, body in (
        (CLASSROOMS, {"name": "Biology"}),
        ("/api/v1/topics", {"subject": "Algebra", "name": "Sets"}),
    ):
        response = api.post(path, body, **key("one"))
        assert response.status_code == 422
        assert response.json()["code"] == "idempotency_key_reused"
    assert Classroom.objects.count() == 1


@pytest.mark.django_db
def test_keys_are_everyones_own() -> None:
    for teacher in (TeacherFactory(), TeacherFactory()):
        assert api_as(teacher).post(CLASSROOMS, {"name": "A"}, **key("one")).status_code == 201
    assert Classroom.objects.count() == 2


@pytest.mark.django_db
def test_an_error_is_not_kept() -> None:
    api = api_as(TeacherFactory())
    assert api.post(CLASSROOMS, {"name": ""}, **key("one")).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert api.post(CLASSROOMS, {"name": "Algebra"}, **key("one")).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", "x" * (limits.IDEMPOTENCY_KEY_MAX + 1), "é", "a\tb"])
def test_keys_that_are_none(value: str) -> None:
    response = api_as(TeacherFactory()).post(CLASSROOMS, {"name": "Algebra"}, **key(value))
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Classroom.objects.exists()


@pytest.mark.django_db
def test_an_uploaded_file_is_part_of_the_request() -> None:
    classroom = ClassroomFactory()
    api = api_as(classroom.teacher)

    def upload(content: bytes) -> Any:
        file = SimpleUploadedFile("notes.md", content, "text/markdown")
        body = {"classroom": str(classroom.pk), "file": file}
        return api.post(DOCUMENTS, body, format="multipart", **key("one"))

    first, again, other = upload(b"# Cells"), upload(b"# Cells"), upload(b"# Atoms")
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert again.json()["id"] == first.json()["id"]
    assert Document.objects.count() == 1
    with Document.objects.get().file.open() as stored:
        assert stored.read() == b"# Cells"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done() -> None:
    teacher = TeacherFactory()

    def create(_: int) -> tuple[int, str]:
        try:
            response = api_as(teacher).post(CLASSROOMS, {"name": "Algebra"}, **key("one"))
            return response.status_code, response.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(create, range(8)))
    assert len(answers) == 1
    assert Classroom.objects.count() == 1


@pytest.mark.django_db
def test_who_has_lost_access_gets_no_answer_out_of_the_store() -> None:
    member = MemberFactory()
    teacher = TeacherFactory()
    co_teacher = MemberFactory(classroom=member.classroom, user=teacher, role="teacher")
    api = api_as(teacher)
    body = {
        "classroom": str(member.classroom.pk),
        "title": "Lesson",
        "scheduled_at": "2027-01-11T09:00:00Z",
    }
    assert api.post("/api/v1/meetings", body, **key("one")).status_code == 201
    assert api.post("/api/v1/meetings", body, **key("one")).status_code == 201
    co_teacher.delete()
    assert api.post("/api/v1/meetings", body, **key("one")).status_code == 404


@pytest.mark.django_db
def test_keys_end() -> None:
    api = api_as(TeacherFactory())
    for name in ("old", "new"):
        api.post(CLASSROOMS, {"name": name}, **key(name))
    too_old = timezone.now() - limits.IDEMPOTENCY_TTL - timedelta(minutes=1)
    IdempotencyKey.objects.filter(key="old").update(created_at=too_old)
    assert idempotency_keys_purge() == 1
    assert IdempotencyKey.objects.get().key == "new"


def test_every_creation_takes_a_key() -> None:
    """By what the OpenAPI document says; those that are done once anyway are named here."""
    once_anyway = {
        "/api/v1/attempts",  # comes back to the attempt that is there
        "/api/v1/classrooms/join",
        "/api/v1/events",  # every event has its own id
        "/api/v1/members",  # a member has one row
        "/api/v1/invitations",  # asking again replaces the open one
        "/api/v1/invitations/accept",
    }
    without = {
        path
        for method, path, operation in operations()
        if method == "POST"
        and path.startswith("/api/v1/")
        and "{" not in path
        and "Idempotency-Key" not in [item.get("name") for item in operation.get("parameters", ())]
    }
    assert without - once_anyway == set()
