"""How much of what an exact search finds an engine's index finds, among very many vectors.

The vectors are made of a corpus's own: each is a passage's, moved towards another one's and a
little further, so that they lie as real ones do (in clusters) and none is there twice. They
belong to classes of very different sizes, and every search is within one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bench.corpus import Corpus, load_passages
from retrieval.embedders import get_embedder
from retrieval.embedders.base import Vectors
from retrieval.pipeline import passage_id
from retrieval.stores.base import DocumentPassage, DocumentPoint, document_vectors

# Shares of all vectors that the measured classes have; the rest is a crowd of middle-sized ones.
SHARES = (0.5, 0.1, 0.01, 0.001)
CROWD = 1000
CUT = 10

_PER_DOCUMENT = 500
_NOW = datetime(2026, 1, 1, tzinfo=UTC)

Row = dict[str, object]


def measure_recall(corpus: Corpus, source: str, count: int) -> Iterator[Row]:
    """Rows: vectors, in_class, queries, recall10 (the mean share of the exact ten that the
    engine's ten hold)."""
    embedder = get_embedder()
    texts = [each.chunk.embedding_text for each in load_passages(corpus.files[source], embedder)]
    vectors = _spread(embedder.encode(texts), count)
    queries = embedder.encode(corpus.queries)
    classes = _classes(count)
    store = document_vectors()
    documents: list[UUID] = []
    with tqdm(total=count, unit=" vectors", leave=False, disable=None) as bar:
        for classroom, members in classes:
            for start in range(0, len(members), _PER_DOCUMENT):
                part = members[start : start + _PER_DOCUMENT]
                documents.append(uuid4())
                bar.update(
                    store.replace(documents[-1], _points(documents[-1], classroom, part, vectors))
                )
    try:
        for classroom, members in classes[: len(SHARES)]:
            yield {
                "vectors": count,
                "in_class": len(members),
                "queries": len(queries),
                "recall10": round(_recall(classroom, vectors[members], queries), 4),
            }
    finally:
        for start in range(0, len(documents), 100):
            store.delete(documents[start : start + 100])


def _spread(passages: Vectors, count: int) -> Vectors:
    rng = np.random.default_rng(11)
    one, other = rng.integers(len(passages), size=(2, count))
    share = rng.uniform(0.0, 0.5, size=(count, 1)).astype(np.float32)
    noise = rng.normal(scale=0.02, size=(count, passages.shape[1])).astype(np.float32)
    found = passages[one] * (1 - share) + passages[other] * share + noise
    spread: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return spread


def _classes(count: int) -> list[tuple[UUID, NDArray[Any]]]:
    """Classes with the places of their vectors, which lie anywhere among all."""
    order = np.random.default_rng(12).permutation(count)
    found, start = [], 0
    for share in SHARES:
        size = max(int(count * share), 1)
        found.append((uuid4(), order[start : start + size]))
        start += size
    return found + [(uuid4(), order[at : at + CROWD]) for at in range(start, count, CROWD)]


def _points(
    document: UUID, classroom: UUID, members: NDArray[Any], vectors: Vectors
) -> Iterator[DocumentPoint]:
    for index, place in enumerate(members):
        passage = DocumentPassage(
            id=passage_id(document, index),
            document_id=document,
            classroom_id=classroom,
            document_type="material",
            filename="bench.txt",
            page_number=None,
            chunk_index=index,
            text=str(place),
            created_at=_NOW,
        )
        yield passage, vectors[place]


def _recall(classroom: UUID, vectors: Vectors, queries: Vectors) -> float:
    shares = []
    for query in queries:
        cut = min(CUT, len(vectors))
        exact = np.sort(vectors @ query)[::-1][:cut]
        hits = document_vectors().search(query, classroom_ids=[classroom], limit=CUT)
        # By score: of two that are equally near either is right.
        shares.append(sum(hit.score >= exact[-1] - 1e-5 for hit in hits) / cut)
    return float(np.mean(shares))
