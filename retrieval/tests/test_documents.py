"""Material from upload to deletion, through the services."""

from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits
from config.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from retrieval import services
from retrieval.models import Document, IngestState, document_path
from retrieval.selectors import document_open, document_passages
from retrieval.services.ledger import clean_filename
from retrieval.stores.base import document_vectors
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOTES = """# Photosynthesis

Plants make sugar from light, water and carbon dioxide.

# Respiration

Cells burn sugar and win energy from it.
"""


def upload(name: str = "notes.md", content: str | bytes = NOTES) -> SimpleUploadedFile:
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, data)


def stored_files() -> set[Path]:
    storage: Any = Document._meta.get_field("file").storage  # type: ignore[union-attr]
    return {path for path in Path(storage.location).rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def _no_files_left() -> Any:
    before = stored_files()
    yield
    for path in stored_files() - before:
        path.unlink()


def test_an_upload_is_ingested_and_found() -> None:
    classroom = ClassroomFactory()
    result = services.document_upload(actor=classroom.teacher, classroom=classroom, file=upload())
    assert not result.unchanged
    document = Document.objects.get()  # the task has run: tests run tasks at once
    assert document.state == IngestState.READY
    assert document.chunks == document.done == document.total == 2
    assert document.content_hash == document.file_hash
    assert document.ingested_at is not None
    hits = services.search_documents(
        user=classroom.teacher, query="how do plants live on light?"
    ).hits
    assert "Plants make sugar" in hits[0].passage.text
    assert hits[0].passage.filename == "notes.md"
    assert hits[0].score > hits[1].score


def test_the_same_file_again_costs_nothing_and_a_new_one_replaces() -> None:
    classroom = ClassroomFactory()
    teacher = classroom.teacher
    first = services.document_upload(actor=teacher, classroom=classroom, file=upload()).document
    path = Path(Document.objects.get().file.path)
    again = services.document_upload(actor=teacher, classroom=classroom, file=upload())
    assert again.unchanged
    assert Path(Document.objects.get().file.path) == path
    services.document_upload(
        actor=teacher, classroom=classroom, file=upload(content="Volcanoes spit lava and ash.")
    )
    document = Document.objects.get()
    assert document.pk == first.pk
    passages = document_passages(user=teacher, document=document)
    assert [p.text for p in passages] == ["Volcanoes spit lava and ash."]
    assert not path.exists()
    assert len(stored_files()) == 1


def test_equal_content_in_two_classes_is_two_documents() -> None:
    one, other = ClassroomFactory(), ClassroomFactory()
    for classroom in (one, other):
        services.document_upload(actor=classroom.teacher, classroom=classroom, file=upload())
    assert Document.objects.count() == 2
    services.document_delete(actor=one.teacher, document=Document.objects.get(classroom=one))
    hits = services.search_documents(user=other.teacher, query="plants and light").hits
    assert {hit.passage.classroom_id for hit in hits} == {other.pk}
    assert services.search_documents(user=one.teacher, query="plants and light").hits == []


def test_deletion_leaves_no_file_and_no_passage() -> None:
    classroom = ClassroomFactory()
    services.document_upload(actor=classroom.teacher, classroom=classroom, file=upload())
    document = Document.objects.get()
    services.document_delete(actor=classroom.teacher, document=document)
    assert stored_files() == set()
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 0


def test_a_passage_of_a_deleted_document_is_not_shown_even_if_the_store_still_has_it() -> None:
    classroom = ClassroomFactory()
    services.document_upload(actor=classroom.teacher, classroom=classroom, file=upload())
    Document.objects.all().delete()
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 2
    assert services.search_documents(user=classroom.teacher, query="plants and light").hits == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.md", b"", "empty"),
        ("notes.exe", b"MZ", "unsupported_type"),
        ("notes", b"text", "unsupported_type"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(100), "mislabelled"),
        ("notes.docx", b"PK\x03\x04 cut short", "corrupt"),
    ],
)
def test_a_file_that_can_be_told_to_be_bad_is_refused_at_once(
    name: str, content: bytes, code: str
) -> None:
    classroom = ClassroomFactory()
    with pytest.raises(InvalidInput) as caught:
        services.document_upload(
            actor=classroom.teacher, classroom=classroom, file=upload(name, content)
        )
    assert caught.value.code == code
    assert not Document.objects.exists()
    assert stored_files() == set()


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    classroom = ClassroomFactory()
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(limits.DOCUMENT_MAX_BYTES + 1)
    with pytest.raises(TooLarge):
        services.document_ingest_file(classroom=classroom, path=huge, filename="huge.txt")
    assert not Document.objects.exists()


def test_a_file_that_fails_later_says_why_and_keeps_the_earlier_version() -> None:
    classroom = ClassroomFactory()
    teacher = classroom.teacher
    services.document_upload(actor=teacher, classroom=classroom, file=upload("notes.html"))
    services.document_upload(
        actor=teacher, classroom=classroom, file=upload("notes.html", "<p>  </p>")
    )
    document = Document.objects.get()
    assert document.state == IngestState.FAILED
    assert document.error_code == "empty"
    assert "no text" in document.error
    assert services.search_documents(user=teacher, query="plants and light").hits
    # The failed file must not count as known: uploading the good one again ingests it.
    again = services.document_upload(actor=teacher, classroom=classroom, file=upload("notes.html"))
    assert not again.unchanged
    assert Document.objects.get().state == IngestState.READY


def test_only_what_has_failed_can_be_tried_again() -> None:
    document = DocumentFactory(state=IngestState.FAILED, error="the worker was out of memory")
    teacher = document.classroom.teacher
    services.document_retry(actor=teacher, document=document)
    document.refresh_from_db()
    assert document.state == IngestState.READY
    assert document.error == ""
    with pytest.raises(Conflict):
        services.document_retry(actor=teacher, document=document)


def test_documents_left_behind_by_a_killed_worker_are_ingested() -> None:
    late = timezone.now() - timedelta(seconds=limits.INGESTION_RETRY_AFTER + 5)
    stuck, fresh = DocumentFactory(state=IngestState.PROCESSING), DocumentFactory()
    Document.objects.filter(pk=stuck.pk).update(updated_at=late)
    assert services.documents_requeue() == 1
    stuck.refresh_from_db()
    fresh.refresh_from_db()
    assert (stuck.state, fresh.state) == (IngestState.READY, IngestState.QUEUED)


def test_two_workers_at_one_document_do_the_work_once() -> None:
    document = DocumentFactory()

    def work() -> None:
        try:
            services.document_ingest(document_id=document.pk)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    document.refresh_from_db()
    assert document.state == IngestState.READY
    assert document_vectors().count(classroom_ids=[document.classroom_id]) == document.chunks == 1


def test_uploads_of_one_name_at_the_same_time_make_one_document() -> None:
    classroom = ClassroomFactory()
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            services.document_upload(
                actor=classroom.teacher,
                classroom=classroom,
                file=upload(content=f"Version {number} of these notes."),
            )
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    document = Document.objects.get()
    assert document.state == IngestState.READY
    assert document.content_hash == document.file_hash
    assert len(stored_files()) == 1


def test_who_may_do_what() -> None:
    classroom = ClassroomFactory()
    student = MemberFactory(classroom=classroom).user
    assistant = MemberFactory(classroom=classroom, role="assistant").user
    for stranger in (student, UserFactory(), TeacherFactory()):
        with pytest.raises(NotAllowed):
            services.document_upload(actor=stranger, classroom=classroom, file=upload())
    services.document_upload(actor=assistant, classroom=classroom, file=upload())
    document = Document.objects.get()
    with pytest.raises(NotAllowed):
        services.document_delete(actor=student, document=document)
    assert set(Document.objects.visible_to(student)) == {document}
    assert not Document.objects.visible_to(TeacherFactory()).exists()
    document_open(student, document.pk).content.close()
    with pytest.raises(NotFound):
        document_open(UserFactory(), document.pk)
    services.document_delete(actor=AdminFactory(), document=document)


def test_search_looks_only_where_the_user_belongs() -> None:
    mine, theirs = ClassroomFactory(), ClassroomFactory()
    for classroom in (mine, theirs):
        services.document_upload(actor=classroom.teacher, classroom=classroom, file=upload())
    member = MemberFactory(classroom=mine)
    student = member.user
    found = services.search_documents(user=student, query="plants").hits
    assert {hit.passage.classroom_id for hit in found} == {mine.pk}
    with pytest.raises(NotFound):
        services.search_documents(user=student, query="plants", classroom_ids=[theirs.pk])
    assert services.search_documents(user=student, query="plants", classroom_ids=[]).hits == []
    member.delete()
    assert services.search_documents(user=student, query="plants").hits == []


@pytest.mark.parametrize("query", ["", "   ", "x" * (limits.SEARCH_QUERY_MAX + 1)])
def test_a_search_without_a_usable_query_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        services.search_documents(user=UserFactory(), query=query)


@pytest.mark.parametrize("name", ["", "..", "/", "a\x00b.md", "x" * 300 + ".md"])
def test_a_file_needs_a_usable_name(name: str) -> None:
    with pytest.raises(InvalidInput):
        clean_filename(name)


def test_files_lie_under_names_that_say_nothing() -> None:
    document = DocumentFactory()
    assert "notes" not in document_path(document, "notes.md")
    assert document_path(document, "notes.md") != document_path(document, "notes.md")
