"""The interface of what writes answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, and its cosine similarity to the question."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer may draw on; `number` is what it is cited by, from 1."""

    number: int
    filename: str
    page_number: int | None
    headings: Sequence[str]
    text: str
    sentences: Sequence[Sentence] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question, and what it was answered.

    `drawn_on`: the documents that the answer may have its words from, each as (id, version).
    """

    question: str
    answer: str
    drawn_on: frozenset[tuple[str, str]] = frozenset()


class AnswererFailed(Exception):
    """No answer, or no more of it; one line says why. For the log: nobody else is told."""


class AnswerCutShort(AnswererFailed):
    """The answer is longer than what it may be; what came is sound."""


class Answerer(ABC):
    """Writes the answer to a question out of passages."""

    @abstractmethod
    def answer(
        self, question: str, *, query: str, turns: Sequence[Turn], sources: Sequence[Source]
    ) -> Iterator[str]:
        """Pieces of text, in order, with [n] behind what source n says.

        `query` is the question as it was searched: a follow-up has there what it leans on.
        `turns` are the remembered ones, oldest first. No piece at all: the sources don't say.
        Raises AnswererFailed, also after some pieces.
        """

    def standalone(self, question: str, turns: Sequence[Turn]) -> str | None:
        """A follow-up as a question that can be searched by itself; None: can't tell."""
        return None
