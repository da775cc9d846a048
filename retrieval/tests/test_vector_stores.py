"""The contracts of the vector stores, on every engine."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import connection

from retrieval.stores.base import (
    DocumentPassage,
    DocumentVectors,
    Vector,
    WebPassage,
    WebVectors,
)
from tests.contracts import contract_fixture

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)

pytestmark = pytest.mark.django_db


documents = contract_fixture("documents")
web = contract_fixture("web_content")


def unit(*values: float) -> Vector:
    """A vector of length 1 that begins with these values."""
    vector = np.zeros(384, dtype=np.float32)
    vector[: len(values)] = values
    return vector / np.float32(np.linalg.norm(vector))


def passage(
    document_id: UUID, classroom_id: UUID, index: int = 0, **fields: object
) -> DocumentPassage:
    found = DocumentPassage(
        id=uuid4(),
        document_id=document_id,
        classroom_id=classroom_id,
        document_type="material",
        filename="notes.pdf",
        page_number=1,
        chunk_index=index,
        text=f"passage {index}",
        created_at=NOW,
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def test_every_field_comes_back_as_it_was(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    odd = timezone(timedelta(hours=5, minutes=45))
    stored = [
        passage(
            document,
            classroom,
            0,
            text="Straße, 数学, \U0001f393, \t\\N and ''",
            filename="a/ü.pdf",
        ),
        passage(document, classroom, 1, page_number=None, text="", created_at=NOW.astimezone(odd)),
    ]
    assert documents.replace(document, [(stored[0], unit(1)), (stored[1], unit(0, 1))]) == 2
    assert documents.passages(document) == stored
    assert documents.passages(document)[1].created_at == NOW


def test_nearest_first_with_cosine_scores(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    points = [
        (passage(document, classroom, 0), unit(0, 1)),
        (passage(document, classroom, 1), unit(1, 1)),
        (passage(document, classroom, 2), unit(1)),
        (passage(document, classroom, 3), unit(-1)),
    ]
    documents.replace(document, points)
    hits = documents.search(unit(1), classroom_ids=[classroom], limit=10)
    assert [hit.passage.chunk_index for hit in hits] == [2, 1, 0, 3]
    assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5, 0, -1], abs=1e-6)
    assert documents.search(unit(1), classroom_ids=[classroom], limit=1) == hits[:1]


def test_a_class_never_sees_another_ones_passages(documents: DocumentVectors) -> None:
    mine, theirs = uuid4(), uuid4()
    for classroom in (mine, theirs):
        document = uuid4()
        documents.replace(
            document, [(passage(document, classroom, i), unit(1, i)) for i in range(30)]
        )
    hits = documents.search(unit(1), classroom_ids=[mine], limit=50)
    assert len(hits) == 30
    assert {hit.passage.classroom_id for hit in hits} == {mine}


def test_no_class_finds_nothing_and_no_document_deletes_nothing(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, [(passage(document, classroom), unit(1))])
    assert documents.search(unit(1), classroom_ids=[], limit=10) == []
    assert documents.count(classroom_ids=[]) == 0
    assert documents.delete([]) == 0
    assert documents.count(classroom_ids=[classroom]) == 1


def test_filters_by_type_and_document(documents: DocumentVectors) -> None:
    classroom, one, other = uuid4(), uuid4(), uuid4()
    documents.replace(one, [(passage(one, classroom, document_type="material"), unit(1))])
    documents.replace(other, [(passage(other, classroom, document_type="notes"), unit(1))])

    def found(**filters: object) -> set[UUID]:
        hits = documents.search(unit(1), classroom_ids=[classroom], limit=9, **filters)  # type: ignore[arg-type]
        return {hit.passage.document_id for hit in hits}

    assert found(document_type="notes") == {other}
    assert found(document_id=one) == {one}
    assert found(document_id=one, document_type="notes") == set()


def test_replacing_removes_what_is_no_longer_there(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    points = [(passage(document, classroom, i), unit(1, i)) for i in range(5)]
    documents.replace(document, points)
    documents.replace(document, points)  # the same ids again
    assert documents.count(classroom_ids=[classroom]) == 5
    documents.replace(document, points[:2])
    assert [p.chunk_index for p in documents.passages(document)] == [0, 1]
    documents.replace(document, [])
    assert documents.count(classroom_ids=[classroom]) == 0


def test_a_replacement_that_fails_leaves_the_old_passages(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, [(passage(document, classroom, 7), unit(1))])

    def broken() -> Iterator[tuple[DocumentPassage, Vector]]:
        yield passage(document, classroom, 0), unit(1)
        raise RuntimeError("the embedder failed")

    with pytest.raises(RuntimeError):
        documents.replace(document, broken())
    assert [p.chunk_index for p in documents.passages(document)] == [7]


def test_deleting_removes_only_these_documents(documents: DocumentVectors) -> None:
    classroom, one, other = uuid4(), uuid4(), uuid4()
    for document in (one, other):
        documents.replace(document, [(passage(document, classroom), unit(1))])
    assert documents.delete([one]) == 1
    assert documents.delete([one]) == 0
    assert documents.passages(one) == []
    assert len(documents.passages(other)) == 1


def test_passages_come_in_pages(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, [(passage(document, classroom, i), unit(1, i)) for i in range(10)])
    assert [p.chunk_index for p in documents.passages(document, start=4, limit=3)] == [4, 5, 6]
    assert documents.passages(uuid4()) == []


def test_recall_with_a_small_class_among_many(documents: DocumentVectors) -> None:
    """A filter that few rows pass must not starve the vector index."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(2020, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    crowd, small = uuid4(), uuid4()
    for classroom, block in ((crowd, vectors[:2000]), (small, vectors[2000:])):
        document = uuid4()
        documents.replace(
            document, [(passage(document, classroom, i), v) for i, v in enumerate(block)]
        )
    query = vectors[0]
    exact = [int(i) for i in np.argsort(-(vectors[2000:] @ query))[:10]]
    hits = documents.search(query, classroom_ids=[small], limit=10)
    assert [hit.passage.chunk_index for hit in hits] == exact


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_lose_nothing(documents: DocumentVectors) -> None:
    classroom = uuid4()

    def write() -> None:
        try:
            for _ in range(3):
                document = uuid4()
                documents.replace(
                    document, [(passage(document, classroom, i), unit(1, i)) for i in range(10)]
                )
        finally:
            connection.close()

    threads = [Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert documents.count(classroom_ids=[classroom]) == 8 * 3 * 10
    documents.delete(
        [
            p.passage.document_id
            for p in documents.search(unit(1), classroom_ids=[classroom], limit=240)
        ]
    )
    assert documents.count(classroom_ids=[classroom]) == 0


def web_passage(url: str, **fields: object) -> WebPassage:
    found = WebPassage(
        id=uuid4(),
        source_url=url,
        title="Cells",
        topic="biology",
        text="Every cell has a membrane.",
        ingested_at=NOW,
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def test_web_pages_are_stored_found_paged_and_deleted(web: WebVectors) -> None:
    one, other = "https://example.org/cells", "https://example.org/rome"
    cells = [web_passage(one), web_passage(one, text="Zellen — 细胞")]
    rome = web_passage(other, topic="history", title="Rome")
    assert web.replace(one, zip(cells, (unit(1), unit(0, 1)), strict=True)) == 2
    assert web.replace(other, [(rome, unit(1))]) == 1
    assert web.count() == 3
    assert [hit.passage for hit in web.search(unit(0, 1), limit=1)] == [cells[1]]
    assert [hit.passage for hit in web.search(unit(1), limit=5, topic="history")] == [rome]
    first = web.page(limit=2)
    rest = web.page(after=(first[-1].source_url, first[-1].id), limit=2)
    assert {p.id for p in first + rest} == {p.id for p in [*cells, rome]}
    assert web.replace(one, []) == 0
    assert web.delete([other]) == 1
    assert web.delete([]) == 0
    assert web.count() == 0


def test_preparing_again_changes_nothing(documents: DocumentVectors, web: WebVectors) -> None:
    assert list(documents.prepare()) == list(documents.prepare())
    assert list(web.prepare()) == list(web.prepare())
