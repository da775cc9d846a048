"""A conversation as it can be shown now: what it cites is read from the ledger each time."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from uuid import UUID

from accounts.models import User
from accounts.policies import require
from config.errors import NotFound
from retrieval.chat.base import Turn
from retrieval.guards import require_unlocked
from retrieval.models import ChatSession, Document, DocumentChunk
from retrieval.services.chat.messages import (
    REMOVED,
    ChatMessage,
    Citation,
    CitationRef,
    StoredMessage,
    recall,
)

REMOVED_TEXT = "The material of this answer has been removed."


def chat_history(*, user: User, session: ChatSession) -> list[ChatMessage]:
    """The conversation's messages, oldest first, as far as they are remembered.

    Answers go with the right to the class: a student who has left sees them no more. An answer
    from material that is gone, or another by now, is replaced by a notice.
    """
    require(user, "retrieval.use_chat", session.classroom)
    require_unlocked(user)
    return shown(session, recall(session.pk))


def chat_message(*, user: User, session: ChatSession, message_id: UUID) -> ChatMessage:
    """An answer of the conversation, as `chat_history` would show it; NotFound if it is gone."""
    require(user, "retrieval.use_chat", session.classroom)
    require_unlocked(user)
    return shown(session, [message_of(session, message_id)[1]])[0]


def message_of(session: ChatSession, message_id: UUID) -> tuple[StoredMessage, StoredMessage]:
    """A remembered answer of the conversation, after its question; NotFound if there is none."""
    messages = recall(session.pk)
    for place, message in enumerate(messages):
        if message.id == str(message_id) and message.role == "assistant" and place:
            return messages[place - 1], message
    raise NotFound("No such answer, or it is remembered no more.")


def remembered_turns(session: ChatSession, messages: Sequence[StoredMessage]) -> list[Turn]:
    """Questions with their answers, oldest first; those whose material is gone are left out."""
    seen = zip(messages, shown(session, messages), strict=True)
    return [
        Turn(asked.content, answer.content, kept.material())
        for (_, asked), (kept, answer) in pairwise(seen)
        if (asked.role, answer.role) == ("user", "assistant") and REMOVED not in answer.notices
    ]


def all_there(session: ChatSession, material: Iterable[tuple[str, str]]) -> bool:
    """Whether the class has all these documents, each given as (id, version), as they were."""
    wanted = set(material)
    return wanted <= _living(session, wanted)


def shown(session: ChatSession, messages: Sequence[StoredMessage]) -> list[ChatMessage]:
    """Messages with what they cite. Two queries at most, for any number of them."""
    refs = {ref.passage_id: ref for message in messages for ref in message.citations}
    passages = _passages(session, list(refs)) if refs else {}
    documents = _living(session, {each for message in messages for each in message.drawn_on})
    return [_shown(message, passages, documents) for message in messages]


def _shown(
    message: StoredMessage,
    passages: dict[str, DocumentChunk],
    documents: set[tuple[str, str]],
) -> ChatMessage:
    citations = [_citation(ref, passages) for ref in message.citations]
    living = [citation for citation in citations if citation is not None]
    gone = len(living) < len(citations) or not documents.issuperset(message.drawn_on)
    return ChatMessage(
        id=UUID(message.id),
        role=message.role,
        content=REMOVED_TEXT if gone else message.content,
        created_at=message.created_at,
        answered=message.answered,
        notices=[*message.notices, REMOVED] if gone else message.notices,
        citations=[] if gone else living,
    )


def _living(session: ChatSession, material: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the documents that are still in the conversation's class, by id and version."""
    if not material:
        return set()
    rows = Document.objects.filter(
        pk__in={document for document, _ in material}, classroom_id=session.classroom_id
    )
    return {(str(pk), version) for pk, version in rows.values_list("pk", "content_hash")}


def _passages(session: ChatSession, ids: Sequence[str]) -> dict[str, DocumentChunk]:
    """By id, those that are still in the conversation's class."""
    rows = DocumentChunk.objects.filter(pk__in=ids, classroom_id=session.classroom_id)
    found = rows.select_related("document").defer("terms", "weights")
    return {str(passage.pk): passage for passage in found}


def _citation(ref: CitationRef, passages: dict[str, DocumentChunk]) -> Citation | None:
    passage = passages.get(ref.passage_id)
    if passage is None or passage.document.content_hash != ref.version:
        return None
    return Citation(
        number=ref.number,
        passage_id=passage.pk,
        document_id=passage.document_id,
        version=ref.version,
        filename=passage.document.filename,
        page_number=passage.page_number,
        start_seconds=passage.start_seconds,
        chunk_index=passage.chunk_index,
        score=ref.score,
        text=passage.text,
    )
