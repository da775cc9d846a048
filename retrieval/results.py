"""What a search gives: hits with the passage, the words to mark, and what made their place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from retrieval.duplicates import fold
from retrieval.highlights import Span, highlighter
from retrieval.hybrid import Candidate, Candidates
from retrieval.stores.base import Vector


class HasText(Protocol):
    """A passage, whatever it is of."""

    @property
    def text(self) -> str: ...


Passage = TypeVar("Passage", bound=HasText)

# A passage of this cosine similarity is about what was asked (how it was measured:
# docs/decisions/0005-extractive-answers.md).
NEAR = 0.4
# A word that half of the passages have, or more, tells nothing of one of them.
TELLING = log(2)


@dataclass(frozen=True, slots=True)
class TermExplanation:
    """A word of the query in a passage: `idf` times `weight` is its part of the BM25 score."""

    word: str
    idf: float
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What made a hit's place: its rank (from 1) and score by meaning (cosine similarity) and
    by words (BM25); None where it was not found so."""

    dense_rank: int | None
    dense_score: float | None
    sparse_rank: int | None
    sparse_score: float | None
    terms: list[TermExplanation]


@dataclass(frozen=True, slots=True)
class SearchHit(Generic[Passage]):
    """A passage that answers: `rank` counts from 1, `score` is the fused one.

    `highlights` are the places of the query's words in its text, `duplicates` the other
    passages that say the same.
    """

    rank: int
    score: float
    passage: Passage
    explanation: Explanation
    highlights: list[Span] = field(default_factory=list)
    duplicates: list[Passage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SearchResult(Generic[Passage]):
    """What a search found. `degraded`: the vector store is down, the words alone were used.

    `vector` is the query's, [384], where one was made.
    """

    hits: list[SearchHit[Passage]]
    degraded: bool = False
    vector: Vector | None = None

    @property
    def close(self) -> bool:
        """Whether any hit is near in meaning, or has a word of the query that tells something.

        A search gives the nearest passages, however far they are; this says that they are far.
        """
        return any(_is_close(hit.explanation) for hit in self.hits)


def _is_close(found: Explanation) -> bool:
    near = found.dense_score is not None and found.dense_score >= NEAR
    return near or any(term.idf >= TELLING for term in found.terms)


Passages = Mapping[UUID, tuple[Passage, frozenset[int]]]


def make_hits(
    found: Candidates, load: Callable[[Sequence[UUID]], Passages[Passage]], limit: int
) -> list[SearchHit[Passage]]:
    """The best `limit` candidates, those that say the same folded into one.

    `load` gives passages by their ids, each with its distinct terms; one that it does not give
    is gone. It is asked for no more than are likely to be needed, and again if they are.
    """
    passages: dict[UUID, tuple[Passage, frozenset[int]]] = {}
    folded: list[tuple[Candidate, list[Candidate]]] = []

    def terms_of(candidate: Candidate) -> frozenset[int]:
        return passages[candidate.id][1]

    more = limit + limit // 2  # some are folded, and few are gone
    for start in range(0, len(found.ranked), more):
        part = found.ranked[start : start + more]
        passages.update(load([candidate.id for candidate in part]))
        living = [each for each in found.ranked[: start + len(part)] if each.id in passages]
        folded = fold(living, terms_of, limit)
        if len(folded) == limit:
            break
    highlights = highlighter(found.terms)
    return [
        SearchHit(
            rank=rank,
            score=candidate.score,
            passage=passages[candidate.id][0],
            explanation=_explain(candidate, found.terms),
            highlights=highlights(passages[candidate.id][0].text),
            duplicates=[passages[other.id][0] for other in same],
        )
        for rank, (candidate, same) in enumerate(folded, start=1)
    ]


def _explain(candidate: Candidate, words: Mapping[int, str]) -> Explanation:
    lexical = candidate.lexical
    parts = lexical.terms(list(words)) if lexical else []
    return Explanation(
        dense_rank=candidate.dense_rank,
        dense_score=candidate.cosine,
        sparse_rank=candidate.sparse_rank,
        sparse_score=lexical.score if lexical else None,
        terms=[TermExplanation(words[part.term], part.idf, part.weight) for part in parts],
    )
