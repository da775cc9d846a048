"""Points for the suites of the vector stores, and what a store has of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from config import limits
from config.stores import Store
from retrieval.stores.base import (
    DocumentPassage,
    DocumentPoint,
    DocumentVectors,
    Vector,
    VectorHit,
    WebPassage,
)

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
# Of several zones, and with as few microseconds as there can be.
MOMENTS = [
    datetime(2026, 3, 1, 12, 30, 15, 1, tzinfo=UTC),
    datetime(2026, 3, 1, 12, 30, 15, 999999, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=14))),
]

MARKS = [
    pytest.mark.django_db,
    # What Qdrant's local mode leaves out is in the gaps of the suites.
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]


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


def points(
    document_id: UUID, classroom_id: UUID, count: int, **fields: object
) -> list[DocumentPoint]:
    return [(passage(document_id, classroom_id, i, **fields), unit(1, i + 1)) for i in range(count)]


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


def scanned(store: Store[Any], *, limit: int) -> list[Any]:
    """Every record, page by page, each page in a store object of its own."""
    found: list[Any] = []
    after = None
    for _ in range(1000):
        page = type(store)(**store.options).scan(after=after, limit=limit)
        found += page.records
        after = page.next
        if after is None:
            return found
    raise AssertionError("the scan does not end")


def stored(store: Store[Any]) -> dict[UUID, Any]:
    """Every passage by its id."""
    return {passage.id: passage for passage, _ in scanned(store, limit=500)}


def passages_of(documents: DocumentVectors, document_id: UUID) -> list[DocumentPassage]:
    """The document's passages in their order."""
    found = [each for each in stored(documents).values() if each.document_id == document_id]
    return sorted(found, key=lambda each: each.chunk_index)


def chunk_indexes(documents: DocumentVectors, hits: Sequence[VectorHit]) -> list[int]:
    known = stored(documents)
    return [known[hit.id].chunk_index for hit in hits]


def document_ids(documents: DocumentVectors, hits: Sequence[VectorHit]) -> set[UUID]:
    known = stored(documents)
    return {known[hit.id].document_id for hit in hits}


def contents(found: Sequence[tuple[Any, Vector]]) -> dict[UUID, Any]:
    """By id: the passage and its vector, rounded to what every engine keeps."""
    assert len({passage.id for passage, _ in found}) == len(found)
    return {passage.id: (passage, np.round(vector, 5).tolist()) for passage, vector in found}


def long_text() -> str:
    """As long as it may be; of quotes and line ends, which take more bytes on their way."""
    text = ('"數\n' * limits.PASSAGE_MAX_BYTES)[: limits.PASSAGE_MAX_BYTES * 3 // 5]
    assert len(text.encode()) == limits.PASSAGE_MAX_BYTES
    return text
