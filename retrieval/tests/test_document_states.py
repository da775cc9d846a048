"""Cancel and try again, also while a worker is at the document."""

from threading import Event, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.tests.clients import api_as
from classrooms.tests.factories import ClassroomFactory
from config.errors import Conflict
from retrieval import services
from retrieval.models import Document, IngestState
from retrieval.pipeline import digest_file
from retrieval.services import ingestion
from retrieval.stores.base import document_vectors
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Worker:
    """A worker in a thread, that waits where its first passages are to be embedded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, document: Document) -> None:
        self._document, self._reached, self._go = document, Event(), Event()
        self.embedded = 0
        monkeypatch.setattr(ingestion, "digest_file", self._digest)
        self._thread = Thread(target=self._work)
        self._thread.start()
        assert self._reached.wait(60)

    def _digest(self, *args: Any, on_progress: Any) -> Any:
        self._reached.set()
        assert self._go.wait(60)

        def progress(done: int, total: int) -> None:
            on_progress(done, total)
            self.embedded = done

        return digest_file(*args, on_progress=progress)

    def _work(self) -> None:
        try:
            services.document_ingest(document_id=self._document.pk)
        finally:
            connection.close()

    def finish(self) -> None:
        self._go.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


def test_cancelled_while_a_worker_is_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    classroom = ClassroomFactory()
    teacher = classroom.teacher
    file = SimpleUploadedFile("notes.md", b"Plants make sugar from light.")
    document = services.document_upload(actor=teacher, classroom=classroom, file=file).document
    ready = Document.objects.get()
    # A newer file is on its way.
    Document.objects.update(state=IngestState.QUEUED, file_hash="f" * 64)
    worker = Worker(monkeypatch, document)
    assert Document.objects.get().state == IngestState.PROCESSING
    services.document_cancel(actor=teacher, document=document)
    worker.finish()
    found = Document.objects.get()
    assert (found.state, found.done, found.total) == (IngestState.CANCELLED, 0, 0)
    assert worker.embedded == 0
    # The version that was ready is still there.
    assert (found.chunks, found.content_hash) == (1, ready.content_hash)
    hits = services.search_documents(user=teacher, query="sugar from light").hits
    assert [hit.passage.filename for hit in hits] == ["notes.md"]
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 1


def test_cancelled_and_tried_again_before_the_worker_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = DocumentFactory()
    teacher = document.classroom.teacher
    worker = Worker(monkeypatch, document)
    services.document_cancel(actor=teacher, document=document)
    document.refresh_from_db()
    services.document_retry(actor=teacher, document=document)  # its task finds us at work
    worker.finish()
    document.refresh_from_db()
    assert document.state == IngestState.READY
    assert document_vectors().count(classroom_ids=[document.classroom_id]) == 1


def test_cancelled_after_the_last_moment_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    document = DocumentFactory()
    worker = Worker(monkeypatch, document)
    worker.finish()
    with pytest.raises(Conflict):  # however the caller's row looks
        services.document_cancel(actor=document.classroom.teacher, document=document)
    document.refresh_from_db()
    assert document.state == IngestState.READY


@pytest.mark.parametrize(
    ("state", "cancel", "retry"),
    [
        (IngestState.QUEUED, 200, 409),
        (IngestState.PROCESSING, 200, 409),
        (IngestState.READY, 409, 409),
        (IngestState.FAILED, 409, 202),
        (IngestState.CANCELLED, 409, 202),
    ],
)
def test_what_can_be_done_in_which_state(state: str, cancel: int, retry: int) -> None:
    for verb, status in (("cancel", cancel), ("retry", retry)):
        document = DocumentFactory(state=state)
        api = api_as(document.classroom.teacher)
        answer = api.post(f"/api/v1/documents/{document.pk}/{verb}")
        assert answer.status_code == status, verb
        if status == 409:
            assert answer.json()["code"] == "conflict"
        elif verb == "cancel":
            assert answer.json()["state"] == IngestState.CANCELLED
