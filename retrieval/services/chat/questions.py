"""From a question to the passages that may answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from accounts.models import User
from config import limits
from config.errors import InvalidInput
from retrieval.chat import get_model
from retrieval.chat.base import Source, Turn
from retrieval.chat.followups import joined, leans
from retrieval.chat.nearness import Near, near_hits
from retrieval.chat.prompt import within_budget
from retrieval.embedders import get_embedder
from retrieval.hybrid import SearchMode, embedding_of
from retrieval.models import ChatSession
from retrieval.services.chat.history import remembered_turns
from retrieval.services.chat.messages import (
    WORDS_ONLY,
    ChatMessage,
    Citation,
    StoredMessage,
    new_message,
    recall,
)
from retrieval.services.chat.sessions import require_asking, require_still
from retrieval.services.search import FoundPassage, SearchFilters, search_classes


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that an answer needs. `query` is what was searched.

    `citations` are the passages that are near enough, as the answer can cite them, and
    `sources` the same as they are answered from; `turns` what was said before.
    """

    user: User
    session: ChatSession
    question: ChatMessage
    query: str
    turns: Sequence[Turn]
    citations: Sequence[Citation] = ()
    sources: Sequence[Source] = ()
    notices: list[str] = field(default_factory=list)

    def material(self) -> frozenset[tuple[str, str]]:
        """All documents that a model is shown the words of, as (id, version)."""
        passages = frozenset((str(each.document_id), each.version) for each in self.citations)
        return passages.union(*(turn.drawn_on for turn in self.turns))


def question_prepare(*, user: User, session: ChatSession, question: str) -> Asked:
    """Search what a question may be answered from.

    Raises NotAllowed for who may not ask (or not now), Conflict for an archived class,
    InvalidInput for a question that is none, StoreUnavailable or a driver's error when
    PostgreSQL or Redis is down.
    """
    require_asking(user=user, session=session)
    question = question.strip()
    if not question:
        raise InvalidInput(errors={"question": ["A question needs at least one word."]})
    if len(question) > limits.CHAT_QUESTION_MAX:
        raise InvalidInput(
            errors={"question": [f"At most {limits.CHAT_QUESTION_MAX} characters, please."]}
        )
    asked = new_message("user", question)
    messages = recall(session.pk, 2 * limits.CHAT_HISTORY_TURNS)
    turns = within_budget(remembered_turns(session, messages), get_embedder().count_tokens)
    query = _query(question, messages, turns)
    if get_model() is not None:  # it may have been waited for
        require_still(user=user, session=session)
    with embedding_of(query, SearchMode.HYBRID) as vector:
        result = search_classes(
            query,
            vector=vector,
            classroom_ids=[session.classroom_id],
            filters=SearchFilters(),
            mode=SearchMode.HYBRID,
            limit=limits.CHAT_PASSAGES,
        )
    near = list(enumerate(near_hits(result), start=1))
    return Asked(
        user=user,
        session=session,
        question=asked,
        query=query,
        turns=turns,
        citations=[_citation(number, each) for number, each in near],
        sources=[_source(number, each) for number, each in near],
        notices=[WORDS_ONLY] if result.degraded else [],
    )


def connection_release() -> None:
    """Give the database's connection back while somebody else is waited for."""
    if not connection.in_atomic_block:
        connection.close()


def _query(question: str, messages: Sequence[StoredMessage], turns: Sequence[Turn]) -> str:
    """What to search: a question that leans on the one before is searched with its words."""
    before = next((message.query for message in reversed(messages) if message.query), "")
    if not before or not leans(question):
        return question
    model = get_model()
    if model is not None and turns:
        connection_release()
        if rewritten := model.standalone(question, turns):
            return rewritten
    return joined(question, before)


def _citation(number: int, near: Near[FoundPassage]) -> Citation:
    passage = near.hit.passage
    return Citation(
        number=number,
        passage_id=passage.id,
        document_id=passage.document_id,
        version=passage.version,
        filename=passage.filename,
        page_number=passage.page_number,
        start_seconds=passage.start_seconds,
        chunk_index=passage.chunk_index,
        score=round(near.cosine, 4),
        text=passage.text,
    )


def _source(number: int, near: Near[FoundPassage]) -> Source:
    passage = near.hit.passage
    return Source(
        number=number,
        filename=passage.filename,
        page_number=passage.page_number,
        headings=passage.headings,
        text=passage.text,
        sentences=near.sentences,
    )
