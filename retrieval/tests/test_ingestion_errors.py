"""What becomes of a document when something fails that is no fault of its file."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from config.errors import StoreUnavailable
from retrieval import services
from retrieval.embedders.onnx import OnnxEmbedder
from retrieval.models import Document, IngestState
from retrieval.services import ingestion
from retrieval.tests.engines import vectors_down
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db(transaction=True)


def ingested(document: Document) -> Document:
    services.document_ingest(document_id=document.pk)
    return Document.objects.get(pk=document.pk)


@pytest.mark.parametrize("broken", ["encode", "publish"])
def test_an_error_that_nobody_expects_is_one_of_its_document(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    document = DocumentFactory()
    with monkeypatch.context() as patch:
        patch.setattr(OnnxEmbedder if broken == "encode" else ingestion, broken, None)
        found = ingested(document)
    assert (found.state, found.error_code) == (IngestState.FAILED, "unexpected")
    assert "\n" not in found.error
    assert "TypeError" in caplog.text
    assert str(document.pk) in caplog.text
    services.document_retry(actor=document.classroom.teacher, document=found)
    assert Document.objects.get(pk=document.pk).state == IngestState.READY


def test_a_document_waits_for_a_store_that_is_down() -> None:
    document = DocumentFactory()
    with vectors_down(), pytest.raises(StoreUnavailable):
        ingested(document)
    assert Document.objects.get(pk=document.pk).state in IngestState.busy()
    assert ingested(document).state == IngestState.READY


def test_a_task_whose_time_is_over_names_the_document_that_took_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def end(*_: object, **__: object) -> None:
        raise SoftTimeLimitExceeded

    document = DocumentFactory()
    monkeypatch.setattr(OnnxEmbedder, "encode", end)
    with pytest.raises(SoftTimeLimitExceeded):
        ingested(document)
    found = Document.objects.get(pk=document.pk)
    assert (found.state, found.error_code) == (IngestState.FAILED, "time_limit")
