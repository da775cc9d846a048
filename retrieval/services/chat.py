"""Chat about a class's material: answers are sentences of the material, with citations.

History is the spec's Redis list `chat:{session_id}:history`: newest first, the last 100
messages, two hours after the last one.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import numpy as np
from django.utils import timezone
from django_redis import get_redis_connection

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from config import limits
from config.errors import Conflict, InvalidInput
from retrieval.embedders import get_embedder
from retrieval.guards import require_unlocked
from retrieval.hybrid import SearchMode
from retrieval.models import ChatSession
from retrieval.results import SearchHit
from retrieval.services.search import FoundPassage, SearchFilters, search_classes
from retrieval.stores.base import Vector

# Cosine similarities to the question below which the material does not answer it; how they
# were measured: docs/decisions/0005-extractive-answers.md.
PASSAGE_THRESHOLD = 0.4
SENTENCE_THRESHOLD = 0.45
NOT_IN_MATERIAL = "I found nothing about this in your materials."

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"“'(A-ZÀ-Þ0-9])|\n{2,}|\n(?=[-*•])")
_MIN_SENTENCE = 25  # characters


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of an answer is from; `number` is the one in square brackets."""

    number: int
    document_id: str
    filename: str
    page_number: int | None
    chunk_index: int
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A question or an answer."""

    role: str  # "user" or "assistant"
    content: str
    created_at: str
    citations: list[Citation] = field(default_factory=list)


def chat_session_start(*, user: User, classroom: Classroom) -> ChatSession:
    """Begin a conversation about a class's material; Conflict when the class is archived."""
    require(user, "retrieval.use_chat", classroom)
    _refuse_archived(classroom)
    session: ChatSession = ChatSession.objects.create(user=user, classroom=classroom)
    activity_record(
        actor=user, action="chat_start", resource_type="chat_session", resource_id=session.pk
    )
    return session


def chat_ask(*, user: User, session: ChatSession, question: str) -> ChatMessage:
    """Answer from the class's material, with citations, and remember both messages.

    Conflict when the class is archived: its material is searched no more.
    """
    require(user, "retrieval.use_chat", session.classroom)
    _refuse_archived(session.classroom)
    require_unlocked(user)
    question = question.strip()
    if not question:
        raise InvalidInput(errors={"question": ["A question needs at least one word."]})
    if len(question) > limits.CHAT_QUESTION_MAX:
        raise InvalidInput(
            errors={"question": [f"At most {limits.CHAT_QUESTION_MAX} characters, please."]}
        )
    asked = ChatMessage("user", question, _now())
    vector = get_embedder().encode([question])[0]
    hits = search_classes(
        question,
        classroom_ids=[session.classroom_id],
        filters=SearchFilters(),
        mode=SearchMode.HYBRID,
        limit=limits.CHAT_PASSAGES,
    ).hits
    content, citations = _extract(vector, hits)
    answer = ChatMessage("assistant", content, _now(), citations)
    _remember(session.pk, [asked, answer])
    return answer


def chat_history(*, user: User, session: ChatSession) -> list[ChatMessage]:
    """The conversation's messages, oldest first, as far as they are remembered.

    Answers go with the right to the class: a student who has left sees them no more.
    """
    require(user, "retrieval.use_chat", session.classroom)
    require_unlocked(user)
    stored = cast("list[bytes]", _redis().lrange(_key(session.pk), 0, -1))
    return [_from_json(item) for item in reversed(stored)]


def _refuse_archived(classroom: Classroom) -> None:
    if not classroom.is_active:
        raise Conflict("The class is archived.", code="classroom_archived")


def _extract(vector: Vector, hits: Sequence[SearchHit[FoundPassage]]) -> tuple[str, list[Citation]]:
    """The sentences of the passages that are nearest to the question, in passage order."""
    near = [hit for hit in hits if (hit.explanation.dense_score or 0) >= PASSAGE_THRESHOLD]
    candidates = [(hit, sentence) for hit in near for sentence in _sentences(hit.passage.text)]
    if not candidates:
        return NOT_IN_MATERIAL, []
    scores = get_embedder().encode([sentence for _, sentence in candidates]) @ vector
    best = [int(i) for i in np.argsort(-scores)[: limits.CHAT_SENTENCES]]
    chosen = sorted(i for i in best if scores[i] >= SENTENCE_THRESHOLD)
    if not chosen:
        return NOT_IN_MATERIAL, []
    numbers: dict[UUID, int] = {}
    sentences, citations = [], []
    for i in chosen:
        hit, sentence = candidates[i]
        passage = hit.passage
        if passage.id not in numbers:
            numbers[passage.id] = len(numbers) + 1
            citations.append(
                Citation(
                    number=numbers[passage.id],
                    document_id=str(passage.document_id),
                    filename=passage.filename,
                    page_number=passage.page_number,
                    chunk_index=passage.chunk_index,
                    score=round(hit.score, 4),
                    text=passage.text,
                )
            )
        sentences.append(f"{sentence} [{numbers[passage.id]}]")
    return " ".join(sentences), citations


def _sentences(text: str) -> list[str]:
    """The whole sentences of a passage: headings, code and fragments answer nothing."""
    found = (" ".join(part.split()) for part in _SENTENCE_END.split(text))
    return [one for one in found if len(one) >= _MIN_SENTENCE and one.endswith((".", "!", "?"))]


def _remember(session_id: UUID, messages: Sequence[ChatMessage]) -> None:
    key = _key(session_id)
    pipeline = _redis().pipeline(transaction=True)
    for message in messages:
        pipeline.lpush(key, json.dumps(asdict(message)))
    pipeline.ltrim(key, 0, limits.CHAT_HISTORY_LENGTH - 1)
    pipeline.expire(key, limits.CHAT_HISTORY_TTL)
    pipeline.execute()


def _from_json(item: bytes) -> ChatMessage:
    data: dict[str, Any] = json.loads(item)
    data["citations"] = [Citation(**citation) for citation in data["citations"]]
    return ChatMessage(**data)


def _key(session_id: UUID) -> str:
    return f"chat:{session_id}:history"


def _now() -> str:
    moment: datetime = timezone.now()
    return moment.isoformat()


def _redis() -> Any:
    return get_redis_connection("default")
