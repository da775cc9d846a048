"""Questions about a class's material, and their answers, with citations."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from accounts.models import User
from config import limits
from config.errors import DomainError, NotAllowed, NotFound
from retrieval.chat import get_extractive, get_model
from retrieval.chat.base import AnswerCutShort, Answerer, AnswererFailed
from retrieval.chat.cleaning import AnswerFilter
from retrieval.chat.pump import pumped
from retrieval.guards import require_unlocked
from retrieval.models import ChatSession
from retrieval.services.chat.events import (
    AnswerBroken,
    AnswerDone,
    ChatEvent,
    ChatEvents,
    PassagesFound,
    StillWaiting,
    TextWritten,
)
from retrieval.services.chat.messages import (
    INTERRUPTED,
    MODEL_UNAVAILABLE,
    SHORTENED,
    ChatMessage,
    new_message,
    remember,
    stored,
)
from retrieval.services.chat.questions import Asked, connection_release, question_prepare

NOT_IN_MATERIAL = "I found nothing about this in your materials."

logger = logging.getLogger(__name__)

_CITED = re.compile(r"\[(\d+)\]")


class AnswerInterrupted(DomainError):
    """The model broke off in the middle of its answer."""

    code = "answer_interrupted"
    status = 503
    title = "The answer broke off"


@dataclass
class _Draft:
    """An answer as far as it has been written."""

    text: str = ""
    cited: set[int] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)


def chat_ask(*, user: User, session: ChatSession, question: str) -> ChatMessage:
    """Answer from the class's material, with citations, and remember both messages.

    Conflict when the class is archived: its material is searched no more. A model that fails
    is replaced by sentences of the material, and the answer's notices say so. Raises as
    `question_prepare`.
    """
    asked = question_prepare(user=user, session=session, question=question)
    for event in _answer(asked, streamed=False):
        if isinstance(event, AnswerBroken):
            raise event.error
        if isinstance(event, AnswerDone):
            return event.message
    raise AssertionError("an answer has an end")


def chat_stream(*, user: User, session: ChatSession, question: str) -> ChatEvents:
    """The same, piece by piece; what `chat_ask` raises is raised by the call itself.

    The last event is AnswerDone or AnswerBroken. Who closes the iterator before leaves an
    interrupted answer, or none if nothing of it was shown.
    """
    return _answer(question_prepare(user=user, session=session, question=question), streamed=True)


def _answer(asked: Asked, *, streamed: bool) -> ChatEvents:
    draft = _Draft(notices=list(asked.notices))
    error: DomainError | None = None
    try:
        yield PassagesFound(asked.citations)
        if asked.sources:
            yield from _write(asked, draft, streamed)
        if not draft.text:
            yield TextWritten(NOT_IN_MATERIAL)
    except GeneratorExit:  # nobody reads on
        if draft.text:
            draft.notices.append(INTERRUPTED)
            with suppress(DomainError, RedisError, OperationalError, InterfaceError):
                _keep(asked, draft)  # there is nobody left to tell
        raise
    except AnswererFailed:
        draft.notices.append(INTERRUPTED)
        error = AnswerInterrupted("The answer broke off: what you see of it is not all.")
    except NotAllowed as refusal:  # an attempt that forbids it has begun meanwhile
        if not draft.text:
            raise
        draft.notices.append(INTERRUPTED)
        error = refusal
    message = _keep(asked, draft)
    yield AnswerBroken(error, message) if error else AnswerDone(message)


def _write(asked: Asked, draft: _Draft, streamed: bool) -> Iterator[ChatEvent]:
    """Have the model write, or without one, or when it fails, quote sentences."""
    model = get_model()
    if model is not None:
        connection_release()
        try:
            yield from _from_model(model, asked, draft)
            return
        except AnswererFailed as error:
            logger.warning("the model of the chat failed: %s", error)
            if draft.text and isinstance(error, AnswerCutShort):
                draft.notices.append(SHORTENED)
                return
            if draft.text and streamed:
                raise
            draft.text, draft.cited = "", set()
            draft.notices.append(MODEL_UNAVAILABLE)
    for piece in get_extractive().answer(
        asked.question.content, query=asked.query, turns=asked.turns, sources=asked.sources
    ):
        draft.text += piece
        draft.cited.update(int(number) for number in _CITED.findall(piece))
        yield TextWritten(piece)


def _from_model(model: Answerer, asked: Asked, draft: _Draft) -> Iterator[ChatEvent]:
    """Nothing is shown before the first valid citation: what has none at all is no answer."""
    cleaned = AnswerFilter(asked.sources)
    said, held, checked = False, "", time.monotonic()
    pieces = pumped(
        model.answer(
            asked.question.content, query=asked.query, turns=asked.turns, sources=asked.sources
        ),
        heartbeat=limits.CHAT_HEARTBEAT,
        first=limits.CHAT_FIRST_SECONDS,
        seconds=limits.CHAT_SECONDS,
    )
    with closing(pieces):
        for piece in pieces:
            if time.monotonic() - checked > limits.CHAT_RECHECK:
                require_unlocked(asked.user)
                connection_release()
                checked = time.monotonic()
            if piece is None:
                yield StillWaiting()
                continue
            said = True
            held += cleaned.feed(piece)
            if held and cleaned.cited and (draft.text or not cleaned.refused):
                yield _shown(held, cleaned, draft)
                held = ""
    if not said:
        raise AnswererFailed("the model said nothing")
    held += cleaned.finish()
    if held and cleaned.cited and (draft.text or not cleaned.refused):
        yield _shown(held, cleaned, draft)


def _shown(text: str, cleaned: AnswerFilter, draft: _Draft) -> TextWritten:
    text = text if draft.text else text.lstrip()
    draft.text += text
    draft.cited = cleaned.cited
    return TextWritten(text)


def _keep(asked: Asked, draft: _Draft) -> ChatMessage:
    """Remember question and answer; NotFound if the conversation was deleted meanwhile."""
    message = new_message(
        "assistant",
        draft.text.strip() or NOT_IN_MATERIAL,
        answered=bool(draft.text),
        notices=draft.notices,
        citations=[each for each in asked.citations if each.number in draft.cited],
    )
    if not ChatSession.objects.filter(pk=asked.session.pk).exists():
        raise NotFound("The conversation has been deleted.")
    kept = (asked.question, message)
    remember(asked.session.pk, [stored(each, asked.query) for each in kept])
    return message
