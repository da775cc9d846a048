"""Chat's own way from a question to an answer, in a class with a textbook's sections."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accounts.services import user_create
from classrooms.services import classroom_create
from config import limits
from config.errors import DomainError
from retrieval.chat import get_extractive
from retrieval.chat.base import Source
from retrieval.chat.followups import joined, leans
from retrieval.chat.nearness import Near, measured, near_ones
from retrieval.hybrid import SearchMode, embedding_of
from retrieval.results import SearchResult
from retrieval.services import documents_ingest_files
from retrieval.services.search import FoundPassage, SearchFilters, search_classes


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """The passages that were found, whether chat takes the question for one that they answer,
    and the files of the sentences that it quotes without a model."""

    passages: list[Near[FoundPassage]]
    answerable: bool
    cited: list[str]
    seconds: float

    def near(self, passage: float, sentence: float) -> bool:
        """Whether any passage, with a sentence if there is a threshold for it, is near enough."""
        return any(
            near.cosine >= passage
            and (not sentence or any(one.score >= sentence for one in near.sentences))
            for near in self.passages
        )


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Whether the rule takes it for one, and the files found without the rule and with it."""

    leans: bool
    alone: list[str]
    ruled: list[str]


class ChatPlatform:
    """A class of a teacher, with these files."""

    def __init__(self, files: Sequence[Path]) -> None:
        teacher = user_create(
            actor=None, email="teacher@bench.example", password="of-no-use-here", role="teacher"
        )
        self._classroom = classroom_create(actor=teacher, name="Benchmark")
        named = [(file, file.name) for file in files]
        for _, result in documents_ingest_files(
            classroom=self._classroom, files=named, actor=teacher
        ):
            if isinstance(result, DomainError):
                raise result

    def ask(self, question: str) -> AskedQuestion:
        started = time.perf_counter()
        found = measured(self._search(question))
        sources = [
            Source(
                number=number,
                filename=near.hit.passage.filename,
                page_number=None,
                headings=near.hit.passage.headings,
                text=near.hit.passage.text,
                sentences=near.sentences,
            )
            for number, near in enumerate(near_ones(found), start=1)
        ]
        pieces = get_extractive().answer(question, query=question, turns=(), sources=sources)
        by_number = {f"[{source.number}]": source.filename for source in sources}
        cited = [by_number[piece.rpartition(" ")[2]] for piece in pieces]
        return AskedQuestion(found, bool(sources), cited, time.perf_counter() - started)

    def follow(self, before: str, question: str) -> FollowUp:
        """Ask a question after another one."""
        follows = leans(question)
        query = joined(question, before) if follows else question
        return FollowUp(follows, self._files(question), self._files(query))

    def _files(self, query: str) -> list[str]:
        return [hit.passage.filename for hit in self._search(query).hits]

    def _search(self, query: str) -> SearchResult[FoundPassage]:
        with embedding_of(query, SearchMode.HYBRID) as vector:
            return search_classes(
                query,
                vector=vector,
                classroom_ids=[self._classroom.pk],
                filters=SearchFilters(),
                mode=SearchMode.HYBRID,
                limit=limits.CHAT_PASSAGES,
            )
