"""Search by meaning and by words, as one ranking.

What is nearest in meaning comes from the vector store, what shares the query's words from
PostgreSQL. Without the vector store the words alone answer, and the answer says so.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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


# The query's vector when it is there; None for a search that needs none.
LazyVector = Callable[[], Vector | None]
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


@contextmanager
def embedding_of(query: str, mode: SearchMode) -> Iterator[LazyVector]:
    """The query's vector, made in a thread while the caller asks the database.

    The model needs no database, and all that comes before the vectors needs no model: rights,
    classes, words.
    """
    if mode is SearchMode.SPARSE:
        yield lambda: None
        return
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(get_embedder().encode, [query])
        yield lambda: coming.result()[0]


def find_candidates(
    query: str,
    *,
    mode: SearchMode,
    vector: LazyVector,
    dense: DenseSearch,
    lexical: LexicalSearch,
    depth: int,
) -> Candidates:
    """The best of both ways, `depth` of each at most; `vector` is that of `embedding_of`.

    Raises StoreUnavailable in mode "dense" when the vector store is down; "hybrid" then goes
    on with the words, as `degraded`.
    """
    terms = get_analyzer().query_terms(query)
    words = [] if mode is SearchMode.DENSE else lexical(list(terms), depth)
    near: Sequence[tuple[UUID, float]] = []
    degraded = False
    found = vector()
    if found is not None:
        try:
            near = dense(found, depth)
        except StoreUnavailable as error:
            if mode is SearchMode.DENSE:
                raise
            logger.warning("searching by words only: %s", error)
            degraded = True
    return Candidates(_ranked(near, words), terms, degraded, found)


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
