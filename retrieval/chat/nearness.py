"""Which passages are near enough to a question to answer it.

Near is what is near in meaning: words that a question shares with a passage were measured to
add nothing to that. How the thresholds were found: docs/decisions/0005-extractive-answers.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from retrieval.chat.base import Sentence
from retrieval.embedders import get_embedder
from retrieval.results import NEAR, SearchHit, SearchResult

# Cosine similarities to the question. A passage below the first answers nothing; one above it
# answers if one of its sentences is above the second, or if it is above the third by itself (a
# slide has no sentences).
PASSAGE_THRESHOLD = NEAR
SENTENCE_THRESHOLD = 0.50
ALONE_THRESHOLD = 0.55

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"“'(A-ZÀ-Þ0-9])|\n{2,}|\n(?=[-*•])")
_MIN_SENTENCE = 25  # characters


class HasHeadings(Protocol):
    """A passage, whatever it is of."""

    @property
    def text(self) -> str: ...

    @property
    def headings(self) -> list[str]: ...


Passage = TypeVar("Passage", bound=HasHeadings)


@dataclass(frozen=True, slots=True)
class Near(Generic[Passage]):
    """A hit that is near to the question, its cosine similarity, and its sentences'."""

    hit: SearchHit[Passage]
    cosine: float
    sentences: list[Sentence]


def near_hits(result: SearchResult[Passage]) -> list[Near[Passage]]:
    """The hits of a search that its query can be answered from, in their order.

    None at all if there is no answer in them.
    """
    return near_ones(measured(result))


def near_ones(found: Sequence[Near[Passage]]) -> list[Near[Passage]]:
    """The same, of hits that have been measured."""
    near = [each for each in found if each.cosine >= PASSAGE_THRESHOLD]
    best = max((one.score for each in near for one in each.sentences), default=0.0)
    alone = max((each.cosine for each in near), default=0.0)
    return near if best >= SENTENCE_THRESHOLD or alone >= ALONE_THRESHOLD else []


def measured(result: SearchResult[Passage]) -> list[Near[Passage]]:
    """All hits of a search, with the similarities to its query."""
    if result.vector is None or not result.hits:
        return []
    # What was found by words alone (or is all that was, without the vector store) is measured
    # here; a sentence is understood under its headings, as a passage is.
    unknown = [hit for hit in result.hits if hit.explanation.dense_score is None]
    cut = [(hit, one) for hit in result.hits for one in sentences(hit.passage.text)]
    texts = [_headed(hit.passage, hit.passage.text) for hit in unknown]
    texts += [_headed(hit.passage, one) for hit, one in cut]
    scores = [float(score) for score in get_embedder().encode(texts) @ result.vector]
    cosines = {hit.rank: score for hit, score in zip(unknown, scores, strict=False)}
    own: dict[int, list[Sentence]] = {hit.rank: [] for hit in result.hits}
    for (hit, one), score in zip(cut, scores[len(unknown) :], strict=True):
        own[hit.rank].append(Sentence(one, score))
    return [
        Near(hit, cosines.get(hit.rank, hit.explanation.dense_score or 0.0), own[hit.rank])
        for hit in result.hits
    ]


def sentences(text: str) -> list[str]:
    """The whole sentences of a passage: headings, code and fragments answer nothing."""
    found = (" ".join(part.split()) for part in _SENTENCE_END.split(text))
    return [one for one in found if len(one) >= _MIN_SENTENCE and one.endswith((".", "!", "?"))]


def _headed(passage: HasHeadings, text: str) -> str:
    headings: Sequence[str] = passage.headings
    return "\n".join([*headings, text])
