"""What a conversation consists of, and how it is kept in Redis.

The spec's list `chat:{session_id}:history`: newest first, the last 100 messages, two hours
after the last one. Of a cited passage its place is kept and never its text, and of an answer
all documents that a model was shown for it, so that what is removed from the material is gone
from here too.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

from django.utils import timezone
from django_redis import get_redis_connection

from config import limits

# Why an answer is not what it could be.
WORDS_ONLY = "words_only"  # the vector store is down
MODEL_UNAVAILABLE = "model_unavailable"  # sentences of the material stand in for the model
INTERRUPTED = "interrupted"  # it broke off
SHORTENED = "shortened"  # it was too long
REMOVED = "removed"  # what it is from is gone
NOTICES = (WORDS_ONLY, MODEL_UNAVAILABLE, INTERRUPTED, SHORTENED, REMOVED)


@dataclass(frozen=True, slots=True)
class CitationRef:
    """The place of a cited passage. `version`: the hash of the file that it was read from."""

    number: int
    passage_id: str
    document_id: str
    version: str
    chunk_index: int
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer is from, as the ledger has it now; `number` is the one in brackets."""

    number: int
    passage_id: UUID
    document_id: UUID
    version: str
    filename: str
    page_number: int | None
    start_seconds: float | None
    chunk_index: int
    score: float
    text: str

    def ref(self) -> CitationRef:
        """What of it is kept."""
        return CitationRef(
            number=self.number,
            passage_id=str(self.passage_id),
            document_id=str(self.document_id),
            version=self.version,
            chunk_index=self.chunk_index,
            score=self.score,
        )


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as Redis has it. `query`: what was searched for it.

    `drawn_on`: the documents, as (id, version), that a model was shown for it, and that the
    earlier answers are from that it was shown; also those that it does not cite.
    """

    id: str
    role: str  # "user" or "assistant"
    content: str
    created_at: str
    query: str = ""
    answered: bool = False
    notices: list[str] = field(default_factory=list)
    citations: list[CitationRef] = field(default_factory=list)
    drawn_on: list[tuple[str, str]] = field(default_factory=list)

    def material(self) -> frozenset[tuple[str, str]]:
        """All documents that the message goes with, as (id, version)."""
        cited = ((ref.document_id, ref.version) for ref in self.citations)
        return frozenset([*self.drawn_on, *cited])


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A question, or an answer (`answered` is false where the material has none)."""

    id: UUID
    role: str
    content: str
    created_at: str
    answered: bool = False
    notices: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)


def new_message(role: str, content: str, **rest: Any) -> ChatMessage:
    """A message of this moment."""
    return ChatMessage(uuid4(), role, content, timezone.now().isoformat(), **rest)


def stored(
    message: ChatMessage, query: str, drawn_on: Iterable[tuple[str, str]] = ()
) -> StoredMessage:
    """What of a message is kept."""
    return StoredMessage(
        id=str(message.id),
        role=message.role,
        content=message.content,
        created_at=message.created_at,
        query=query,
        answered=message.answered,
        notices=message.notices,
        citations=[citation.ref() for citation in message.citations],
        drawn_on=sorted(drawn_on),
    )


def remember(session_id: UUID, messages: Sequence[StoredMessage]) -> None:
    """Add to a conversation; the last CHAT_HISTORY_LENGTH messages stay."""
    key = history_key(session_id)
    pipeline = _redis().pipeline(transaction=True)
    for message in messages:
        pipeline.lpush(key, json.dumps(asdict(message)))
    pipeline.ltrim(key, 0, limits.CHAT_HISTORY_LENGTH - 1)
    pipeline.expire(key, limits.CHAT_HISTORY_TTL)
    pipeline.execute()


def recall(session_id: UUID, last: int = limits.CHAT_HISTORY_LENGTH) -> list[StoredMessage]:
    """The `last` messages that are remembered, oldest first."""
    found = cast("list[bytes]", _redis().lrange(history_key(session_id), 0, last - 1))
    messages = (_from_json(item) for item in reversed(found))
    return [message for message in messages if message is not None]


def forget(session_id: UUID) -> None:
    """Remove all messages of a conversation."""
    _redis().delete(history_key(session_id))


def history_key(session_id: UUID) -> str:
    """The spec's name of a conversation's list."""
    return f"chat:{session_id}:history"


def _from_json(item: bytes) -> StoredMessage | None:
    """None for a message of an earlier version, which lives for two hours more."""
    data: dict[str, Any] = json.loads(item)
    try:
        data["citations"] = [CitationRef(**citation) for citation in data["citations"]]
        data["drawn_on"] = [(document, version) for document, version in data["drawn_on"]]
        return StoredMessage(**data)
    except (TypeError, KeyError):
        return None


def _redis() -> Any:
    return get_redis_connection("default")
