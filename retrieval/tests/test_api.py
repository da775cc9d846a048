"""Material, search and chat through the API."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from retrieval.models import Document
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOTES = (
    b"# Photosynthesis\n\nPlants make sugar from light, water and carbon dioxide in their leaves.\n"
)


def client(user: User) -> APIClient:
    found = APIClient()
    found.force_login(user)
    return found


def post_file(
    user: User, classroom: Classroom, name: str = "notes.md", content: bytes = NOTES
) -> Any:
    return client(user).post(
        "/api/v1/documents",
        {"classroom": str(classroom.pk), "file": SimpleUploadedFile(name, content)},
        format="multipart",
    )


def test_a_teacher_uploads_and_a_student_finds_and_opens_it() -> None:
    classroom = ClassroomFactory()
    student = MemberFactory(classroom=classroom).user
    answer = post_file(classroom.teacher, classroom)
    assert answer.status_code == 202, answer.content
    assert post_file(classroom.teacher, classroom).status_code == 200  # unchanged
    api = client(student)
    document = api.get(f"/api/v1/documents/{answer.json()['id']}").json()
    assert document["state"] == "ready"
    assert document["chunks"] == 1
    found = api.get("/api/v1/search", {"q": "what do plants make from light?"}).json()
    hit = found["results"][0]
    assert hit["filename"] == "notes.md"
    assert hit["page_number"] is None
    assert hit["chunk_index"] == 0
    assert "Plants make sugar" in hit["text"]
    assert 0.3 < hit["explanation"]["dense_score"] <= 1
    file = api.get(hit["url"])
    assert b"".join(file.streaming_content) == NOTES
    assert client(UserFactory()).get(hit["url"]).status_code == 403
    passages = api.get(f"/api/v1/documents/{document['id']}/passages").json()["results"]
    assert [p["chunk_index"] for p in passages] == [0]


def test_classes_of_others_do_not_exist() -> None:
    classroom = ClassroomFactory()
    document_id = post_file(classroom.teacher, classroom).json()["id"]
    stranger = client(TeacherFactory())
    assert stranger.get("/api/v1/documents").json()["results"] == []
    assert stranger.get(f"/api/v1/documents/{document_id}").status_code == 404
    assert stranger.delete(f"/api/v1/documents/{document_id}").status_code == 404
    assert stranger.get("/api/v1/search", {"q": "plants"}).json()["results"] == []
    named = stranger.get("/api/v1/search", {"q": "plants", "classroom": str(classroom.pk)})
    assert named.status_code == 404
    assert named.json()["code"] == "unknown_classroom"
    refused = post_file(TeacherFactory(), classroom)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "classroom"


def test_a_student_may_not_upload_or_delete() -> None:
    classroom = ClassroomFactory()
    student = MemberFactory(classroom=classroom).user
    assert post_file(student, classroom).status_code == 403
    document_id = post_file(classroom.teacher, classroom).json()["id"]
    assert client(student).delete(f"/api/v1/documents/{document_id}").status_code == 403
    assert client(classroom.teacher).delete(f"/api/v1/documents/{document_id}").status_code == 204
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("notes.md", b"", "empty"),
        ("notes.xyz", b"text", "unsupported_type"),
        ("notes.pdf", b"not a PDF at all", "mislabelled"),
    ],
)
def test_a_bad_file_is_a_clear_problem(name: str, content: bytes, code: str) -> None:
    classroom = ClassroomFactory()
    answer = post_file(classroom.teacher, classroom, name, content)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{}, {"q": ""}, {"q": "x" * 1001}, {"q": "x", "limit": "0"}, {"q": "x", "limit": "many"},
     {"q": "x", "classroom": "not-a-uuid"}, {"q": "x", "unknown": "1"}],
)  # fmt: skip
def test_a_bad_search_is_a_clear_problem(query: dict[str, str]) -> None:
    answer = client(UserFactory()).get("/api/v1/search", query)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_chat_through_the_api() -> None:
    classroom = ClassroomFactory()
    student = MemberFactory(classroom=classroom).user
    post_file(classroom.teacher, classroom)
    api = client(student)
    session = api.post("/api/v1/chat/sessions", {"classroom": str(classroom.pk)})
    assert session.status_code == 201
    url = f"/api/v1/chat/sessions/{session.json()['id']}/messages"
    answer = api.post(url, {"question": "What do plants make sugar from?"}).json()
    assert answer["content"].endswith("[1]")
    citation = answer["citations"][0]
    assert citation["filename"] == "notes.md"
    assert api.get(citation["url"]).status_code == 200
    assert [m["role"] for m in api.get(url).json()["messages"]] == ["user", "assistant"]
    assert client(classroom.teacher).get(url).status_code == 404
    assert api.post(url, {"question": ""}).status_code == 400
    assert api.post(url, {"question": "?", "role": "system"}).status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/documents", "/api/v1/chat/sessions"])
def test_lists_cost_the_same_for_any_number_of_rows(path: str) -> None:
    classroom = ClassroomFactory()
    member = MemberFactory(classroom=classroom)
    api = client(member.user)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert api.get(path).status_code == 200
        return len(captured)

    DocumentFactory(classroom=classroom)
    api.post("/api/v1/chat/sessions", {"classroom": str(classroom.pk)})
    few = queries()
    for _ in range(15):
        DocumentFactory(classroom=classroom)
        api.post("/api/v1/chat/sessions", {"classroom": str(classroom.pk)})
    assert queries() == few <= 4


# --- Archives ---


def post_archive(user: User, classroom: Classroom, files: dict[str, bytes], **more: Any) -> Any:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name), content)  # at a fixed time: the same bytes every time
    file = SimpleUploadedFile("course.zip", packed.getvalue())
    body = {"classroom": str(classroom.pk), "file": file}
    return client(user).post("/api/v1/documents/archive", body, format="multipart", **more)


def test_an_archive_is_a_document_for_each_of_its_files() -> None:
    classroom = ClassroomFactory()
    files = {"week1/notes.md": NOTES, "b.txt": b"Leaves are green.", "c.exe": b"MZ", "d.md": b""}
    answer = post_archive(classroom.teacher, classroom, files)
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert [document["filename"] for document in body["documents"]] == ["week1/notes.md", "b.txt"]
    assert body["unchanged"] == []
    assert [(item["filename"], item["code"]) for item in body["refused"]] == [
        ("c.exe", "unsupported_type"),
        ("d.md", "empty"),
    ]
    url = body["documents"][0]["download_url"]
    assert b"".join(client(classroom.teacher).get(url).streaming_content) == NOTES
    again = post_archive(classroom.teacher, classroom, files)
    assert again.status_code == 200
    assert again.json()["documents"] == []
    assert len(again.json()["unchanged"]) == 2
    assert Document.objects.count() == 2


def test_an_archive_that_is_none_is_a_problem() -> None:
    classroom = ClassroomFactory()
    for name, content, code in (
        ("a.zip", b"PK", "corrupt"),
        ("a.zip", b"", "empty"),
        ("a.rar", b"Rar!", "unsupported_type"),
    ):
        answer = client(classroom.teacher).post(
            "/api/v1/documents/archive",
            {"classroom": str(classroom.pk), "file": SimpleUploadedFile(name, content)},
            format="multipart",
        )
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    stranger = post_archive(TeacherFactory(), classroom, {"a.md": NOTES})
    assert stranger.json()["errors"][0]["field"] == "classroom"


def test_an_archive_that_is_sent_twice_with_one_key_is_done_once() -> None:
    classroom = ClassroomFactory()
    member = MemberFactory(classroom=classroom, role="assistant")
    key = {"headers": {"Idempotency-Key": "one"}}
    first = post_archive(member.user, classroom, {"a.md": NOTES}, **key)
    again = post_archive(member.user, classroom, {"a.md": NOTES}, **key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert post_archive(member.user, classroom, {"b.md": NOTES}, **key).status_code == 422
    member.delete()  # and with the right to see it goes the answer
    gone = post_archive(member.user, classroom, {"a.md": NOTES}, **key)
    assert gone.status_code == 404
