"""What people say of answers: whether they helped, and what of them was opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from config import limits
from config.errors import InvalidInput, NotFound
from retrieval.guards import require_unlocked
from retrieval.models import AnswerFeedback, ChatSession, CitationClick, Document, DocumentChunk
from retrieval.services.chat.history import message_of


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A query, a passage, and what somebody thought of it: "clicked", "helpful", "unhelpful"."""

    query: str
    classroom: str
    document: str
    filename: str
    page_number: int | None
    chunk_index: int
    label: str
    time: str


def feedback_set(
    *, user: User, session: ChatSession, message_id: UUID, helpful: bool | None
) -> AnswerFeedback:
    """Say whether an answer helped; None takes it back. NotFound for no remembered answer."""
    with transaction.atomic():
        feedback = _feedback(user, session, message_id)
        feedback.helpful = helpful
        feedback.save(update_fields=["helpful", "updated_at"])
    return feedback


def citation_click(
    *, user: User, session: ChatSession, message_id: UUID, number: int
) -> CitationClick:
    """Note that a cited passage was opened; InvalidInput for a number that is not cited."""
    with transaction.atomic():
        feedback = _feedback(user, session, message_id)
        cited = next((each for each in feedback.citations if each["number"] == number), None)
        if cited is None:
            raise InvalidInput(errors={"number": ["The answer cites no such number."]})
        if not Document.objects.filter(pk=cited["document_id"]).exists():
            raise NotFound("The cited document has been removed.")
        click: CitationClick = CitationClick.objects.update_or_create(
            feedback=feedback,
            number=number,
            defaults={
                "document_id": cited["document_id"],
                "version": cited["version"],
                "chunk_index": cited["chunk_index"],
                "clicked_at": timezone.now(),
            },
        )[0]
        feedback.save(update_fields=["updated_at"])
    return click


def feedback_purge() -> int:
    """Forget feedback of long ago; how many rows."""
    old = timezone.now() - limits.FEEDBACK_RETENTION
    found: tuple[int, dict[str, int]] = AnswerFeedback.objects.filter(updated_at__lt=old).delete()
    return found[1].get("retrieval.AnswerFeedback", 0)


def labelled_queries(
    *, classroom: Classroom | None = None, since: datetime | None = None
) -> Iterator[LabelledQuery]:
    """Labels out of feedback, oldest first, without whom they are of.

    Of passages that are still as they were cited: what is gone can't be found again.
    """
    rows = AnswerFeedback.objects.order_by("updated_at", "pk").prefetch_related("clicks")
    if classroom is not None:
        rows = rows.filter(classroom=classroom)
    if since is not None:
        rows = rows.filter(updated_at__gte=since)
    for feedback in rows.iterator(chunk_size=500):
        places = _places(feedback)
        for click in feedback.clicks.all():
            key = (str(click.document_id), click.version, click.chunk_index)
            yield from _labelled(feedback, places, key, "clicked", click.clicked_at)
        if feedback.helpful is not None:
            label = "helpful" if feedback.helpful else "unhelpful"
            for each in feedback.citations:
                key = (each["document_id"], each["version"], each["chunk_index"])
                yield from _labelled(feedback, places, key, label, feedback.updated_at)


_Place = tuple[str, str, int]  # document, version, chunk_index


def _places(feedback: AnswerFeedback) -> dict[_Place, DocumentChunk]:
    documents = {each["document_id"] for each in feedback.citations}
    if not documents:
        return {}
    indexes = {each["chunk_index"] for each in feedback.citations}
    rows = DocumentChunk.objects.filter(document__in=documents, chunk_index__in=indexes)
    return {
        (str(row.document_id), row.document.content_hash, row.chunk_index): row
        for row in rows.select_related("document").defer("terms", "weights", "text")
    }


def _labelled(
    feedback: AnswerFeedback,
    places: dict[_Place, DocumentChunk],
    key: _Place,
    label: str,
    moment: datetime,
) -> Iterator[LabelledQuery]:
    passage = places.get(key)
    if passage is not None:
        yield LabelledQuery(
            query=feedback.query,
            classroom=str(feedback.classroom_id),
            document=key[0],
            filename=passage.document.filename,
            page_number=passage.page_number,
            chunk_index=passage.chunk_index,
            label=label,
            time=moment.isoformat(),
        )


def _feedback(user: User, session: ChatSession, message_id: UUID) -> AnswerFeedback:
    """The row of an answer of one's own conversation, made when it is first spoken of."""
    if session.user_id != user.pk:
        raise NotFound()
    require(user, "retrieval.use_chat", session.classroom)
    require_unlocked(user)
    asked, answer = message_of(session, message_id)
    found: AnswerFeedback = AnswerFeedback.objects.get_or_create(
        user=user,
        message_id=message_id,
        defaults={
            "classroom_id": session.classroom_id,
            "session_id": session.pk,
            "question": asked.content,
            "query": answer.query,
            "answered": answer.answered,
            "citations": [
                {
                    "number": ref.number,
                    "document_id": ref.document_id,
                    "version": ref.version,
                    "chunk_index": ref.chunk_index,
                }
                for ref in answer.citations
            ],
        },
    )[0]
    return found
