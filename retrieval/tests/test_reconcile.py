"""The vector stores and the ledger, put in order after every way to get out of it."""

import json
from io import StringIO
from pathlib import Path
from threading import Thread
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from classrooms.tests.factories import ClassroomFactory
from config.errors import StoreUnavailable
from retrieval import services
from retrieval.models import Document, DocumentChunk, WebChunk, WebPage
from retrieval.pipeline import passage_id
from retrieval.services.removals import remove_orphan
from retrieval.stores.base import (
    DocumentPoint,
    Vector,
    WebPassage,
    document_vectors,
    web_vectors,
)
from retrieval.tests.engines import vector_engine, vectors_down

__all__ = ["vector_engine"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]

TEXT = "\n\n".join(f"# Part {i}\n\nA cell of kind {i} lives in water number {i}." for i in range(6))
URL = "https://example.org/cells"


@pytest.fixture
def document(vector_engine: str, tmp_path: Path) -> Document:
    path = tmp_path / "cells.md"
    path.write_text(TEXT)
    return services.document_ingest_file(
        classroom=ClassroomFactory(), path=path, filename=path.name
    ).document


@pytest.fixture
def page(vector_engine: str) -> WebPage:
    page = WebPage.objects.create(
        source_url=URL, title="Cells", state="ready", chunks=2, ingested_at=timezone.now()
    )
    for index in range(2):
        WebChunk.objects.create(
            id=passage_id(page.pk, index), page=page, chunk_index=index, text=f"Cell {index}."
        )
    services.vectors_reconcile("web_content", fix=True)
    return page


def unit() -> Vector:
    return np.eye(1, 384, dtype=np.float32)[0]


def points() -> list[DocumentPoint]:
    """All that the store has, with vectors as every engine keeps them."""
    found = document_vectors().scan(limit=1000).records
    return sorted(
        ((passage, np.round(vector, 4).tolist()) for passage, vector in found),
        key=lambda point: point[0].id,
    )  # type: ignore[return-value]


def in_order(collection: str) -> bool:
    report = services.vectors_reconcile(collection, fix=False)
    return report.orphans == report.differing == []


def test_what_is_in_order_is_left_alone(document: Document) -> None:
    before = points()
    report = services.vectors_reconcile("documents", fix=True)
    assert (report.points, report.passages, report.mended) == (6, 6, 0)
    assert points() == before


@pytest.mark.parametrize("damage", ["all lost", "one lost", "one too many", "other text"])
def test_what_a_store_lost_or_mixed_up_is_made_again(document: Document, damage: str) -> None:
    before = points()
    store = document_vectors()
    records = list(store.scan(limit=1000).records)
    if damage == "all lost":
        store.delete([document.pk])
    elif damage == "one lost":
        store.replace(document.pk, records[1:])
    else:
        passage, vector = records[0]
        fields = {name: getattr(passage, name) for name in passage.__slots__}
        if damage == "one too many":
            fields |= {"id": uuid4(), "chunk_index": 77}
        changed = type(passage)(**fields | {"text": "Something else."})
        store.load([(changed, vector)])
    report = services.vectors_reconcile("documents", fix=False)
    assert report.differing == [str(document.pk)]
    assert (report.orphans, report.differences) == ([], 1)
    assert points() != before
    report = services.vectors_reconcile("documents", fix=True)
    assert (report.mended, report.differences) == (1, 0)
    assert points() == before
    assert in_order("documents")


def test_vectors_of_nothing_are_removed(document: Document) -> None:
    Document.objects.filter(pk=document.pk).delete()
    report = services.vectors_reconcile("documents", fix=True)
    assert (report.orphans, report.differing) == ([str(document.pk)], [])
    assert document_vectors().count() == 0
    assert in_order("documents")


def test_what_a_worker_is_at_is_left_to_it(document: Document) -> None:
    document_vectors().delete([document.pk])
    Document.objects.filter(pk=document.pk).update(state="processing")
    assert in_order("documents")


def test_web_pages_are_put_in_order_too(page: WebPage) -> None:
    assert web_vectors().count() == 2
    assert in_order("web_content")
    web_vectors().delete([URL])
    stray = WebPassage(uuid4(), URL + "/gone", "Gone", "", "Gone.", timezone.now())
    web_vectors().replace(stray.source_url, [(stray, unit())])
    report = services.vectors_reconcile("web_content", fix=True)
    assert (report.orphans, report.differing) == ([stray.source_url], [URL])
    assert web_vectors().count() == 2
    assert in_order("web_content")


def test_the_command_reports_and_mends(document: Document) -> None:
    document_vectors().delete([document.pk])
    with pytest.raises(SystemExit) as exit_:
        call_command("reconcile_vectors", "--dry-run", "--json", stdout=(out := StringIO()))
    assert exit_.value.code == 1
    documents, web = json.loads(out.getvalue())
    assert (documents["collection"], documents["differing"]) == ("documents", [str(document.pk)])
    assert web["points"] == 0
    call_command("reconcile_vectors", stdout=(out := StringIO()))
    assert "documents: 6 passages, 0 vectors, 0 orphans, 1 differing, 1 mended" in out.getvalue()
    call_command("reconcile_vectors", "--collection", "documents", stdout=(out := StringIO()))
    assert out.getvalue() == (
        "documents: 6 passages, 6 vectors, 0 orphans, 0 differing, 0 mended\n"
    )


def test_an_engine_that_is_down_is_said(document: Document) -> None:
    with vectors_down(), pytest.raises(StoreUnavailable):
        services.vectors_reconcile("documents", fix=True)
    assert DocumentChunk.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_an_ingestion_under_way_keeps_its_vectors(vector_engine: str, tmp_path: Path) -> None:
    """A store without transactions shows them before the row is there for others."""
    path = tmp_path / "cells.md"
    path.write_text(TEXT)
    classroom = ClassroomFactory()

    def remove(owner: str) -> None:
        try:
            remove_orphan("documents", owner)
        finally:
            connection.close()

    with transaction.atomic():
        document = services.document_ingest_file(
            classroom=classroom, path=path, filename=path.name
        ).document
        thread = Thread(target=remove, args=[str(document.pk)])
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()  # it waits for the commit
    thread.join(30)
    assert not thread.is_alive()
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 6
    assert in_order("documents")
