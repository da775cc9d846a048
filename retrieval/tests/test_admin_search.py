"""The admin's pages of material that search and count."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.ratelimit import rate_limit_hit
from accounts.tests.clients import api_as, browser_as
from accounts.tests.factories import AdminFactory, TeacherFactory
from analytics.models import ActivityLogRow
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits, store_settings
from config.errors import NotAllowed
from config.stores import stores
from retrieval import guards, services
from retrieval.models import Document, IngestState, VectorRemoval
from retrieval.stores.base import document_vectors
from retrieval.tests.factories import DocumentFactory
from retrieval.tests.test_archives import write_zip

pytestmark = pytest.mark.django_db(transaction=True)

SEARCH, STATISTICS = "/admin/retrieval/document/search/", "/admin/retrieval/document/collections/"
ADD = "/admin/retrieval/document/add/"


def upload(classroom: Classroom, name: str, text: str, kind: str = "material") -> None:
    services.document_upload(
        actor=classroom.teacher,
        classroom=classroom,
        file=SimpleUploadedFile(name, text.encode()),
        document_type=kind,
    )


def page(user: User, url: str, **query: Any) -> str:
    return str(browser_as(user).get(url, query).content.decode())


# --- Search ---


def test_filters_and_what_is_marked() -> None:
    one = ClassroomFactory(name="Algebra")
    other = ClassroomFactory(name="Biology", teacher=one.teacher)
    upload(one, "notes.txt", "Sugar & <script>alert(1)</script> come from light.")
    upload(other, "plants.md", "Plants make sugar from light and air.", "reading")
    shown = page(one.teacher, SEARCH, q="sugar")
    assert "notes.txt" in shown
    assert "plants.md" in shown
    assert "<mark>Sugar</mark> &amp; &lt;script&gt;" in shown
    assert "<script>alert" not in shown
    assert "BM25" in shown
    assert "notes.txt" not in page(one.teacher, SEARCH, q="sugar", classroom=str(other.pk))
    assert "notes.txt" not in page(one.teacher, SEARCH, q="sugar", document_type="reading")
    assert "not found so" in page(one.teacher, SEARCH, q="sugar", mode="dense")
    assert "not found so" in page(one.teacher, SEARCH, q="sugar", mode="sparse")
    assert "Nothing was found." in page(one.teacher, SEARCH, q="zebra", mode="sparse")
    for wrong in ({"mode": "psychic"}, {"classroom": "x"}, {"document_type": "none such"}):
        shown = page(one.teacher, SEARCH, q="sugar", **wrong)
        assert "valid" in shown
        assert "data-search-hit" not in shown
    assert "You belong to no class yet" in page(TeacherFactory(), SEARCH)


def test_duplicates_are_folded_into_one() -> None:
    classroom = ClassroomFactory()
    for name in ("one.md", "two.md"):
        upload(classroom, name, "Plants make sugar from light and air, in every leaf they have.")
    shown = page(classroom.teacher, SEARCH, q="sugar from light")
    assert shown.count("data-search-hit") == 1
    assert "Also in" in shown


def test_an_admin_searches_as_somebody_and_it_is_logged() -> None:
    mine, theirs = ClassroomFactory(), ClassroomFactory()
    upload(mine, "mine.md", "Plants make sugar from light.")
    upload(theirs, "theirs.md", "Plants make sugar from air.")
    student, admin = MemberFactory(classroom=mine).user, AdminFactory()
    assert "mine.md" not in page(admin, SEARCH, q="sugar")
    shown = page(admin, SEARCH, q="sugar", person=str(student.pk))
    assert "mine.md" in shown
    assert "theirs.md" not in shown
    assert "finds in their own classes" in shown
    log = ActivityLogRow.objects.get(action="search_as")
    assert (str(log.user_id), log.resource_id) == (str(admin.pk), str(student.pk))
    assert log.metadata == {"query": "sugar"}
    refused = page(admin, SEARCH, q="sugar", person=str(student.pk), classroom=str(theirs.pk))
    assert "No such class, or it is not yours." in refused

    # Nobody else can: the field is not there, and is not heeded.
    for other in (mine.teacher, theirs.teacher):
        shown = page(other, SEARCH, q="sugar", person=str(student.pk))
        assert 'name="person"' not in shown
        assert "finds in their own classes" not in shown
        with pytest.raises(NotAllowed):
            services.search_documents_as(actor=other, user=student, query="sugar")
    assert "mine.md" not in page(theirs.teacher, SEARCH, q="sugar", person=str(student.pk))
    assert ActivityLogRow.objects.filter(action="search_as").count() == 2


def test_links_of_a_search_as_somebody_are_the_admins_own() -> None:
    classroom = ClassroomFactory()
    upload(classroom, "mine.md", "Plants make sugar from light.")
    admin, student = AdminFactory(), MemberFactory(classroom=classroom).user
    web = browser_as(admin)
    found = web.get(SEARCH, {"q": "sugar", "person": str(student.pk)})
    link = found.context["hits"][0].link
    assert web.get(link).status_code == 200
    assert browser_as(student).get(link).status_code == 403


def test_what_is_locked_or_down_is_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom = ClassroomFactory()
    upload(classroom, "notes.md", "Plants make sugar from light.")
    embedded = settings.STORES
    settings.STORES = {**embedded, **store_settings.qdrant_stores("http://127.0.0.1:1")}
    stores.close()
    try:
        shown = page(classroom.teacher, SEARCH, q="sugar")
        dense = page(classroom.teacher, SEARCH, q="sugar", mode="dense")
        counts = page(AdminFactory(), STATISTICS)
    finally:
        settings.STORES = embedded
        stores.close()
    assert "The search by meaning is down" in shown
    assert "notes.md" in shown
    assert "Qdrant is unavailable" in dense
    assert counts.count("Qdrant is unavailable") == 2
    assert "engine qdrant" in counts
    monkeypatch.setattr(guards, "_locks", [lambda user: True])
    assert "locked until your attempt has ended" in page(classroom.teacher, SEARCH, q="sugar")


@pytest.mark.parametrize("url", [SEARCH, "/admin/retrieval/webpage/search/"])
def test_searches_count_as_the_api_counts_them(url: str) -> None:
    teacher = ClassroomFactory().teacher
    web = browser_as(teacher)
    for _ in range(limits.RATE_LIMITS["search"] - 2):
        rate_limit_hit(identity=str(teacher.pk), endpoint="search")
    assert "Too many requests" not in web.get(url).content.decode()  # asks nothing
    assert "Too many requests" not in web.get(url, {"q": "sugar"}).content.decode()
    assert api_as(teacher).get("/api/v1/search", {"q": "sugar"}).status_code == 200
    response = web.get(url, {"q": "sugar"})
    assert response.status_code == 200
    assert "Too many requests: try again in" in response.content.decode()
    assert "Nothing was found" not in response.content.decode()
    assert api_as(teacher).get("/api/v1/search", {"q": "sugar"}).status_code == 429


@pytest.mark.parametrize(
    "person", ["x", "1", "'", "00000000-0000-4000-8000-000000000000", "x" * 3000]
)
def test_a_person_who_is_none_is_a_message(person: str) -> None:
    response = browser_as(AdminFactory()).get(SEARCH, {"q": "plants", "person": person})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["person"]
    assert response.context["hits"] == []


# --- Counts ---


def test_collections_are_counted_by_few_queries() -> None:
    web = browser_as(AdminFactory())
    empty = web.get(STATISTICS).content.decode()
    assert empty.count("There is nothing in it yet.") == 2
    classroom = ClassroomFactory(name="Algebra <7b>")
    upload(classroom, "notes.md", "# One\n\nPlants make sugar.\n\n# Two\n\nCells burn it.", "book")
    DocumentFactory(classroom=classroom, state=IngestState.FAILED)
    old = DocumentFactory(state=IngestState.READY, pipeline="1/old")
    VectorRemoval.objects.create(collection="documents", owner="x", attempts=2, last_error="down")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = web.get(STATISTICS)
    assert len(queries) <= 15
    shown = response.content.decode()
    for words in (
        *("Algebra &lt;7b&gt;", "Failed", "book", "1/old", "engine pgvector", "1 removal</a>"),
        *("failed so far: down", "Made by", str(old.classroom)),
    ):
        assert words in shown, words
    (documents, web_content) = [each["collection"] for each in response.context["collections"]]
    assert (documents.count, documents.passages, documents.error) == (3, 2, "")
    assert documents.vectors == document_vectors().count() >= 2
    assert (documents.outdated, documents.removals, documents.failing) == (1, 1, 1)
    assert documents.size_bytes == sum(Document.objects.values_list("size_bytes", flat=True))
    assert (web_content.count, web_content.size_bytes) == (0, None)
    for number in range(30):
        DocumentFactory(classroom=ClassroomFactory(), filename=f"{number}.md")
    with CaptureQueriesContext(
        connection,
    ) as more:
        shown = web.get(STATISTICS).content.decode()
    assert len(more) == len(queries)
    assert "12 more" in shown


# --- Uploads and many at once ---


def test_an_archive_is_uploaded_and_told(tmp_path: Path) -> None:
    classroom = ClassroomFactory()
    web = browser_as(classroom.teacher)

    def send(files: dict[str, str]) -> str:
        path = write_zip(tmp_path / "course.zip", files)
        file = SimpleUploadedFile(path.name, path.read_bytes())
        form = {"classroom": str(classroom.pk), "document_type": "material", "file": file}
        return str(web.post(ADD, form, follow=True).content.decode())

    said = send({"a/cells.md": "Cells have walls.", "b.md": "Leaves are green.", "c.exe": "MZ"})
    assert "2 documents are queued." in said
    assert "1 file was refused: c.exe: Files of type .exe" in said
    assert set(Document.objects.values_list("filename", flat=True)) == {"a/cells.md", "b.md"}
    again = send({"b.md": "Leaves are green.", **{f"{n}.exe": "MZ" for n in range(13)}})
    assert "0 documents are queued, 1 document is there already." in again
    assert "and 3 more." in again
    assert "Nothing of the archive was taken: c.exe" in send({"c.exe": "MZ"})
    assert "There is no file in the archive" in send({"folder/": ""})


def test_many_are_cancelled_and_tried_again_at_once() -> None:
    classroom = ClassroomFactory()
    queued = DocumentFactory.create_batch(2, classroom=classroom)
    ready = DocumentFactory(classroom=classroom, state=IngestState.READY, filename="ready.md")
    web, listed = browser_as(classroom.teacher), "/admin/retrieval/document/"

    def choose(action: str) -> str:
        chosen = {"action": action, "_selected_action": [d.pk for d in (*queued, ready)]}
        return str(web.post(listed, chosen, follow=True).content.decode())

    said = choose("cancel_selected")
    assert "2 documents are cancelled." in said
    assert "ready.md: Only a document that is queued" in said
    assert Document.objects.filter(state=IngestState.CANCELLED).count() == 2
    assert "2 documents are queued again." in choose("retry_selected")
    assert Document.objects.filter(state=IngestState.READY).count() == 3
    assert "ready.md: Only a document that has failed" in choose("retry_selected")


def test_the_preview_has_pages() -> None:
    classroom = ClassroomFactory()
    parts = "".join(f"# Part {n}\n\n{'Words of part ' + str(n) + '. '} \n\n" for n in range(120))
    upload(classroom, "long.md", parts)
    document = Document.objects.get()
    assert document.chunks > 100
    url = f"/admin/retrieval/document/{document.pk}/change/"
    first = page(classroom.teacher, url)
    assert first.count("data-passage=") == 50
    assert "Later" in first
    assert "Earlier" not in first
    assert "Part 0" in first
    second = page(classroom.teacher, url, passages="50")
    assert 'data-passage="50"' in second
    assert "Earlier" in second
    for wrong in ("x", "-1", "²", "9" * 50):
        assert 'data-passage="0"' in page(classroom.teacher, url, passages=wrong)
