"""What is deleted is gone for everyone at once; its vectors follow, whatever is down."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.tests.clients import api_as, browser_as
from accounts.tests.factories import AdminFactory
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits, store_settings
from config.errors import NotAllowed
from config.stores import stores
from retrieval import services
from retrieval.hybrid import SearchMode
from retrieval.models import Document, DocumentChunk, VectorRemoval
from retrieval.services import removals
from retrieval.stores.base import document_vectors

pytestmark = pytest.mark.django_db(transaction=True)

NOTES = b"# Photosynthesis\n\nPlants make sugar from light, water and carbon dioxide.\n"
QUERY = "plants make sugar from light"


def upload(classroom: Classroom, name: str = "notes.md") -> Document:
    file = SimpleUploadedFile(name, NOTES)
    return services.document_upload(
        actor=classroom.teacher, classroom=classroom, file=file
    ).document


@pytest.fixture
def _removals_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no worker were there: a removal is written and nobody works it off."""
    monkeypatch.setattr(removals, "_enqueue", lambda: None)


@pytest.mark.usefixtures("_removals_wait")
def test_at_once_nothing_shows_it_while_its_vectors_are_still_there() -> None:
    classroom = ClassroomFactory()
    student = MemberFactory(classroom=classroom).user
    api, other = api_as(student), upload(classroom, "other.md")
    document = upload(classroom)
    url = api.get(f"/api/v1/documents/{document.pk}").json()["download_url"]
    session = services.chat_session_start(user=student, classroom=classroom)
    services.document_delete(actor=classroom.teacher, document=other)
    services.chat_ask(user=student, session=session, question="What do plants make from light?")
    assert api.get(url).status_code == 200

    document_id = document.pk
    services.document_delete(actor=classroom.teacher, document=document)
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 2
    for mode in SearchMode:
        found = services.search_documents(user=student, query=QUERY, mode=mode)
        assert found.hits == [], mode
        answer = api.get("/api/v1/search", {"q": QUERY, "mode": mode.value})
        assert answer.json()["results"] == []
    assert not DocumentChunk.objects.exists()
    assert api.get(f"/api/v1/documents/{document_id}").status_code == 404
    assert api.get(f"/api/v1/documents/{document_id}/passages").status_code == 404
    assert api.get(url).status_code == 404
    page = browser_as(classroom.teacher).get(
        f"/admin/retrieval/document/{document_id}/change/", follow=True
    )
    assert "Plants make sugar" not in page.content.decode()
    history = api.get(f"/api/v1/chat/sessions/{session.pk}/messages").json()["messages"]
    assert all("carbon dioxide" not in message["content"] for message in history)
    assert all("carbon dioxide" not in str(message["citations"]) for message in history)

    assert services.removals_run() == 2
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 0
    assert not VectorRemoval.objects.exists()


@pytest.fixture
def engine_down(settings: Any) -> Iterator[Any]:
    """Call it, and Qdrant is where nobody listens; call what it gives, and it is back."""
    embedded = settings.STORES

    def back() -> None:
        settings.STORES = embedded
        stores.close()

    def down() -> Any:
        settings.STORES = {**embedded, **store_settings.qdrant_stores("http://127.0.0.1:1")}
        stores.close()
        return back

    yield down
    back()


def test_with_the_engine_down_a_removal_waits_and_is_done_when_it_is_back(
    engine_down: Any,
) -> None:
    classroom = ClassroomFactory()
    document = upload(classroom)
    owner, back = str(document.pk), engine_down()
    services.document_delete(actor=classroom.teacher, document=document)  # and the task has run
    assert not Document.objects.exists()
    removal = VectorRemoval.objects.get()
    assert (removal.collection, removal.owner) == ("documents", owner)
    waits = []
    for attempt in range(1, 5):
        assert removal.attempts == attempt
        assert removal.last_error == "Qdrant is unavailable"
        waits.append((removal.next_attempt_at - timezone.now()).total_seconds())
        assert services.removals_run() == 0  # it is not its turn yet
        VectorRemoval.objects.update(next_attempt_at=timezone.now())
        services.removals_run()
        removal.refresh_from_db()
    for attempt, wait in enumerate(waits):
        assert limits.REMOVAL_RETRY * 2**attempt - 5 < wait <= limits.REMOVAL_RETRY * 2**attempt

    back()
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 1
    assert services.removals_run() == 0
    VectorRemoval.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    assert services.removals_run() == 1
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 0


def test_admins_see_what_waits_and_try_it_now(engine_down: Any) -> None:
    classroom = ClassroomFactory()
    document = upload(classroom)
    owner, back = str(document.pk), engine_down()
    services.document_delete(actor=classroom.teacher, document=document)
    removal = VectorRemoval.objects.get()
    web, listed = browser_as(AdminFactory()), "/admin/retrieval/vectorremoval/"
    assert "Qdrant is unavailable" in web.get(listed).content.decode()
    page = f"{listed}{removal.pk}/change/"
    assert owner in web.get(page).content.decode()
    assert web.post(page, {"owner": "x"}).status_code == 403
    with pytest.raises(NotAllowed):
        services.removal_retry(actor=classroom.teacher, removal=removal)

    back()
    chosen = {"action": "retry_selected", "_selected_action": [removal.pk]}
    assert "1 removal tried now" in web.post(listed, chosen, follow=True).content.decode()
    assert not VectorRemoval.objects.exists()
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 0
