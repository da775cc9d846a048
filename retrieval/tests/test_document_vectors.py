"""The contract of the store `documents`, on every engine."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import connection

from config import limits
from config.errors import InvalidInput, TooLarge
from retrieval.stores.base import DocumentPassage, DocumentPoint, DocumentVectors, Vector
from retrieval.tests.vectors import (
    MARKS,
    MOMENTS,
    NOW,
    chunk_indexes,
    contents,
    document_ids,
    long_text,
    passage,
    passages_of,
    points,
    scanned,
    stored,
    unit,
)
from tests.contracts import contract_fixture

pytestmark = MARKS

documents = contract_fixture("documents")


def test_every_field_comes_back_as_it_was(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    odd = timezone(timedelta(hours=5, minutes=45))
    written = [
        passage(
            document,
            classroom,
            0,
            text="Straße, 数学, \U0001f393, \t\\N and ''",
            filename="a/ü.pdf",
        ),
        passage(document, classroom, 1, page_number=None, text="", created_at=NOW.astimezone(odd)),
        passage(document, classroom, 2, filename="x" * 255, document_type="Notizen für später"),
        passage(
            document, classroom, 2**31 - 1, page_number=0, created_at=NOW.replace(microsecond=0)
        ),
    ]
    vectors = [unit(1), unit(0, 1), unit(-1, 2), unit(*range(1, 385))]
    assert documents.replace(document, zip(written, vectors, strict=True)) == 4
    assert passages_of(documents, document) == written
    assert passages_of(documents, document)[1].created_at == NOW
    assert [type(getattr(written[0], f)) for f in ("id", "created_at")] == [UUID, datetime]
    for vector, found in zip(vectors, written, strict=True):
        hits = documents.search(vector, classroom_ids=[classroom], limit=1)
        assert stored(documents)[hits[0].id] == found
        assert hits[0].score == pytest.approx(1, abs=1e-6)


def test_times_keep_their_microseconds(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(
        document,
        [(passage(document, classroom, i, created_at=m), unit(1)) for i, m in enumerate(MOMENTS)],
    )
    assert [p.created_at for p in passages_of(documents, document)] == MOMENTS


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
    assert chunk_indexes(documents, hits) == [2, 1, 0, 3]
    assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5, 0, -1], abs=1e-6)
    assert documents.search(unit(1), classroom_ids=[classroom], limit=1) == hits[:1]
    assert documents.search(unit(1), classroom_ids=[classroom], limit=0) == []


def test_a_class_never_sees_another_ones_passages(documents: DocumentVectors) -> None:
    mine, theirs = uuid4(), uuid4()
    for classroom in (mine, theirs):
        document = uuid4()
        documents.replace(
            document, [(passage(document, classroom, i), unit(1, i)) for i in range(30)]
        )
    hits = documents.search(unit(1), classroom_ids=[mine], limit=50)
    assert len(hits) == 30
    known = stored(documents)
    assert {known[hit.id].classroom_id for hit in hits} == {mine}


def test_no_filter_leads_out_of_a_class(documents: DocumentVectors) -> None:
    mine, theirs, my_document, their_document = uuid4(), uuid4(), uuid4(), uuid4()
    documents.replace(my_document, points(my_document, mine, 3))
    documents.replace(their_document, points(their_document, theirs, 3))

    def found(**filters: object) -> set[UUID]:
        hits = documents.search(unit(1), classroom_ids=[mine], limit=9, **filters)  # type: ignore[arg-type]
        return document_ids(documents, hits)

    assert found() == found(document_type="material") == found(document_ids=[my_document])
    assert found() == {my_document}
    assert found(document_ids=[their_document]) == set()
    assert found(document_ids=[their_document], document_type="material") == set()
    assert documents.search(unit(1), classroom_ids=[], limit=9, document_ids=[my_document]) == []
    both = documents.search(unit(1), classroom_ids=[mine, theirs, uuid4()], limit=9)
    assert document_ids(documents, both) == {my_document, their_document}
    assert documents.count(classroom_ids=[mine, theirs]) == 6


def test_what_is_not_there_is_no_error(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, points(document, classroom, 1))
    assert documents.delete([uuid4(), uuid4()]) == 0
    assert documents.count(classroom_ids=[uuid4()]) == 0
    assert documents.search(unit(1), classroom_ids=[uuid4()], limit=9) == []
    assert documents.search(unit(1), classroom_ids=[classroom], limit=9, document_type="") == []
    assert documents.replace(uuid4(), []) == 0
    assert documents.count() == 1


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
        return document_ids(documents, hits)

    assert found(document_type="notes") == {other}
    assert found(document_ids=[one]) == {one}
    assert found(document_ids=[one], document_type="notes") == set()
    assert found(document_ids=[one, other, uuid4()]) == {one, other}
    assert found(document_ids=[]) == set()


def test_replacing_removes_what_is_no_longer_there(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    points = [(passage(document, classroom, i), unit(1, i)) for i in range(5)]
    documents.replace(document, points)
    documents.replace(document, points)  # the same ids again
    assert documents.count(classroom_ids=[classroom]) == 5
    documents.replace(document, points[:2])
    assert [p.chunk_index for p in passages_of(documents, document)] == [0, 1]
    documents.replace(document, [])
    assert documents.count(classroom_ids=[classroom]) == 0


def test_a_replay_by_id_changes_nothing(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    written = points(document, classroom, 5)
    documents.replace(document, written)
    before = contents(scanned(documents, limit=100))
    documents.replace(document, written)
    documents.load(written[2:])
    documents.load(written)
    documents.load([])
    assert contents(scanned(documents, limit=100)) == before == contents(written)
    mended = [(replace(written[0][0], text="mended"), unit(0, 1))]
    documents.load(mended)
    assert passages_of(documents, document)[0].text == "mended"
    assert documents.count() == 5


def test_a_replacement_that_fails_leaves_the_old_passages(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, [(passage(document, classroom, 7), unit(1))])

    def broken() -> Iterator[tuple[DocumentPassage, Vector]]:
        yield from points(document, classroom, limits.QDRANT_BATCH + 1)  # more than one request's
        raise RuntimeError("the embedder failed")

    with pytest.raises(RuntimeError):
        documents.replace(document, broken())
    assert [p.chunk_index for p in passages_of(documents, document)] == [7]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"vector": unit(1)[:383]}, InvalidInput),
        ({"vector": np.append(unit(1), np.float32(0))}, InvalidInput),
        ({"vector": np.zeros((1, 384), np.float32)}, InvalidInput),
        ({"vector": unit(1) * 2}, InvalidInput),
        ({"vector": np.zeros(384, np.float32)}, InvalidInput),
        ({"vector": np.full(384, np.nan, np.float32)}, InvalidInput),
        ({"text": "\0"}, InvalidInput),
        ({"text": "half a \ud83c"}, InvalidInput),
        ({"filename": "a\0b"}, InvalidInput),
        ({"text": "x" * (limits.PASSAGE_MAX_BYTES + 1)}, TooLarge),
        ({"text": "ü" * (limits.PASSAGE_MAX_BYTES // 2 + 1)}, TooLarge),
    ],
    ids=range(11),
)
def test_what_no_engine_can_keep_is_refused(
    documents: DocumentVectors, wrong: dict[str, Any], error: type[Exception]
) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, points(document, classroom, 1))
    texts = {name: value for name, value in wrong.items() if name != "vector"}
    refused = (passage(document, classroom, 1, **texts), wrong.get("vector", unit(1)))
    with pytest.raises(error):
        documents.replace(document, [*points(document, classroom, 1), refused])
    with pytest.raises(error):
        documents.load([refused])
    assert [p.chunk_index for p in passages_of(documents, document)] == [0]


def test_a_query_is_a_vector_too(documents: DocumentVectors) -> None:
    for wrong in (unit(1)[:383], unit(1) * 3):
        with pytest.raises(InvalidInput):
            documents.search(wrong, classroom_ids=[uuid4()], limit=1)


def test_a_passage_may_be_long(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    written = [(passage(document, classroom, i, text=long_text()), unit(1, i)) for i in range(3)]
    documents.replace(document, written)
    assert passages_of(documents, document) == [found for found, _ in written]


def test_a_long_document_is_whole(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    count = limits.QDRANT_RESULTS_MAX + 100
    assert documents.replace(document, reversed(points(document, classroom, count))) == count
    found = passages_of(documents, document)
    assert [p.chunk_index for p in found] == list(range(count))
    assert documents.count(classroom_ids=[classroom]) == count
    hits = documents.search(unit(1), classroom_ids=[classroom], limit=count)
    assert chunk_indexes(documents, hits[:500]) == list(range(500))
    documents.replace(document, points(document, classroom, 1))
    assert documents.count() == 1


def test_many_documents_are_replaced_at_once(documents: DocumentVectors) -> None:
    classroom, one, other, third = (uuid4() for _ in range(4))
    for document in (one, third):
        documents.replace(document, points(document, classroom, 4))
    new = {document: points(document, classroom, 2, text="new") for document in (one, other)}
    assert documents.replace_all(new) == 4
    assert documents.replace_all({}) == 0
    assert passages_of(documents, one) + passages_of(documents, other) == [
        found for document in (one, other) for found, _ in new[document]
    ]
    assert len(passages_of(documents, third)) == 4


def test_deleting_removes_only_these_documents(documents: DocumentVectors) -> None:
    classroom, one, other = uuid4(), uuid4(), uuid4()
    for document in (one, other):
        documents.replace(document, [(passage(document, classroom), unit(1))])
    assert documents.delete([one]) == 1
    assert documents.delete([one]) == 0
    assert passages_of(documents, one) == []
    assert len(passages_of(documents, other)) == 1


def test_a_scan_gives_each_point_once(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    written = points(document, classroom, 25)
    documents.replace(document, written)
    for limit in (1, 10, 25, 26):
        found = scanned(documents, limit=limit)
        assert contents(found) == contents(written)
    for _, vector in found:
        assert (vector.dtype, vector.shape) == (np.float32, (384,))
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert documents.estimate() == 25
    documents.delete([document])
    assert scanned(documents, limit=10) == []


def test_a_scan_while_points_are_added_and_removed(documents: DocumentVectors) -> None:
    document, classroom, passing = uuid4(), uuid4(), uuid4()
    written = points(document, classroom, 20)
    documents.replace(document, written)
    seen: list[DocumentPoint] = []
    after = None
    for _ in range(100):
        page = documents.scan(after=after, limit=3)
        seen += [point for point in page.records if point[0].document_id == document]
        documents.replace(passing, points(passing, classroom, len(seen) % 4))
        after = page.next
        if after is None:
            break
    assert contents(seen) == contents(written)


def test_what_is_scanned_is_loaded_elsewhere(documents: DocumentVectors) -> None:
    document, classroom = uuid4(), uuid4()
    documents.replace(document, points(document, classroom, 7))
    before = scanned(documents, limit=3)
    documents.delete([document])
    for _ in range(2):
        documents.load(before[:4])
        documents.load(before)
        assert contents(scanned(documents, limit=4)) == contents(before)


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
    assert chunk_indexes(documents, hits) == exact


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
    hits = documents.search(unit(1), classroom_ids=[classroom], limit=240)
    documents.delete(list(document_ids(documents, hits)))
    assert documents.count(classroom_ids=[classroom]) == 0


def test_the_whole_schema_is_there(documents: DocumentVectors) -> None:
    assert [str(state) for state in documents.inspect() if state.state != "ok"] == []


def test_preparing_again_changes_nothing(documents: DocumentVectors) -> None:
    assert list(documents.prepare()) == list(documents.prepare())
