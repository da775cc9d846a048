"""Search by meaning and by words, as one ranking.

What is nearest in meaning comes from the vector store, what shares the query's words from
PostgreSQL. Without the vector store the words alone answer, and the answer says so.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from config.errors import StoreUnavailable
from retrieval.embedders import get_embedder
from retrieval.fusion import fuse
from retrieval.lexical.analysis import get_analyzer
from retrieval.lexical.index import LexicalHit
from retrieval.stores.base import Vector

logger = logging.getLogger(__name__)


class SearchMode(StrEnum):
    """By meaning and words, by meaning only, by words only."""

    HYBRID = "hybrid"
    DENSE = "dense"
    SPARSE = "sparse"


# The nearest passages: their ids and cosine similarities, nearest first.
DenseSearch = Callable[[Vector, int], Sequence[tuple[UUID, float]]]
# The passages with these terms, by BM25, best first.
LexicalSearch = Callable[[Sequence[int], int], Sequence[LexicalHit]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage's id with all that made its rank; ranks count from 1, None: not found so."""

    id: UUID
    score: float
    dense_rank: int | None
    cosine: float | None
    sparse_rank: int | None
    lexical: LexicalHit | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """A ranking, best first. `terms` are the query's, each with its word; `vector` is None
    where none was needed."""

    ranked: list[Candidate]
    terms: dict[int, str] = field(default_factory=dict)
    degraded: bool = False
    vector: Vector | None = None


def find_candidates(
    query: str,
    *,
    mode: SearchMode,
    dense: DenseSearch,
    lexical: LexicalSearch,
    depth: int,
) -> Candidates:
    """The best of both ways, `depth` of each at most.

    Raises StoreUnavailable in mode "dense" when the vector store is down; "hybrid" then goes
    on with the words, as `degraded`.
    """
    terms = get_analyzer().query_terms(query)
    words: Sequence[LexicalHit] = []
    vector: Vector | None = None
    if mode is SearchMode.SPARSE:
        words = lexical(list(terms), depth)
    elif mode is SearchMode.DENSE:
        vector = get_embedder().encode([query])[0]
    else:
        # The model needs no database, and the words need no model: they work at the same time.
        with ThreadPoolExecutor(1) as thread:
            embedding = thread.submit(get_embedder().encode, [query])
            words = lexical(list(terms), depth)
            vector = embedding.result()[0]
    near: Sequence[tuple[UUID, float]] = []
    degraded = False
    if vector is not None:
        try:
            near = dense(vector, depth)
        except StoreUnavailable as error:
            if mode is SearchMode.DENSE:
                raise
            logger.warning("searching by words only: %s", error)
            degraded = True
    return Candidates(_ranked(near, words), terms, degraded, vector)


def _ranked(near: Sequence[tuple[UUID, float]], words: Sequence[LexicalHit]) -> list[Candidate]:
    cosines, lexical = dict(near), {hit.id: hit for hit in words}
    dense_ranks = {id_: rank for rank, id_ in enumerate(cosines, start=1)}
    sparse_ranks = {id_: rank for rank, id_ in enumerate(lexical, start=1)}
    return [
        Candidate(
            id=id_,
            score=score,
            dense_rank=dense_ranks.get(id_),
            cosine=cosines.get(id_),
            sparse_rank=sparse_ranks.get(id_),
            lexical=lexical.get(id_),
        )
        for id_, score in fuse([list(cosines), list(lexical)])
    ]
