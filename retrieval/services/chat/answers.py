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
from config.errors import Conflict, DomainError, NotAllowed, NotFound
from retrieval.chat import get_extractive, get_model
from retrieval.chat.base import AnswerCutShort, Answerer, AnswererFailed
from retrieval.chat.cleaning import AnswerFilter
from retrieval.chat.pump import pumped
from retrieval.models import ChatSession
from retrieval.services.chat.asking import asking
from retrieval.services.chat.events import (
    AnswerBroken,
    AnswerDone,
    ChatEvent,
    ChatEvents,
    PassagesFound,
    StillWaiting,
    TextWritten,
)
from retrieval.services.chat.history import all_there, shown
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
from retrieval.services.chat.sessions import require_still

NOT_IN_MATERIAL = "I found nothing about this in your materials."

logger = logging.getLogger(__name__)

_CITED = re.compile(r"\[(\d+)\]")


class AnswerInterrupted(DomainError):
    """The model broke off in the middle of its answer."""

    code = "answer_interrupted"
    status = 503
    title = "The answer broke off"


class MaterialRemoved(Conflict):
    """What the answer was being written from is gone."""

    code = "material_removed"
    title = "The material of this answer has been removed meanwhile"


@dataclass
class _Draft:
    """An answer as far as it has been written; `drawn_on`: the documents its words may be of."""

    text: str = ""
    cited: set[int] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)
    drawn_on: frozenset[tuple[str, str]] = frozenset()
    error: DomainError | None = None


def chat_ask(*, user: User, session: ChatSession, question: str) -> ChatMessage:
    """Answer from the class's material, with citations, and remember both messages.

    Conflict when the class is archived: its material is searched no more. QuestionUnderWay while
    another question of the person is answered. A model that fails is replaced by sentences of
    the material, and the answer's notices say so. Raises as `question_prepare`.
    """
    with closing(_events(user, session, question, streamed=False)) as events:
        for event in events:
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
    events = _events(user, session, question, streamed=True)
    next(events)  # begun, so that closing it ends the question even if it is never read
    return events


def _events(user: User, session: ChatSession, question: str, *, streamed: bool) -> ChatEvents:
    """The first event says that the question is accepted, and is not for the reader."""
    with asking(user):
        asked = question_prepare(user=user, session=session, question=question)
        yield StillWaiting()
        yield from _answer(asked, streamed=streamed)


def _answer(asked: Asked, *, streamed: bool) -> ChatEvents:
    draft = _Draft(notices=list(asked.notices))
    try:
        yield PassagesFound(asked.citations)
        yield from _text(asked, draft, streamed)
        require_still(user=asked.user, session=asked.session)
    except GeneratorExit:  # nobody reads on
        if draft.text:
            draft.notices.append(INTERRUPTED)
            with suppress(DomainError, RedisError, OperationalError, InterfaceError):
                _keep(asked, draft)  # there is nobody left to tell
        raise
    except (NotAllowed, Conflict) as refusal:  # what has begun meanwhile, or ended
        if not draft.text:
            raise
        draft.error = refusal
    if draft.error is not None:
        draft.notices.append(INTERRUPTED)
    message = _keep(asked, draft)
    yield AnswerBroken(draft.error, message) if draft.error else AnswerDone(message)


def _text(asked: Asked, draft: _Draft, streamed: bool) -> Iterator[ChatEvent]:
    try:
        if asked.sources:
            yield from _write(asked, draft, streamed)
        if not draft.text:
            yield TextWritten(NOT_IN_MATERIAL)
    except AnswererFailed:
        draft.error = AnswerInterrupted("The answer broke off: what you see of it is not all.")


def _write(asked: Asked, draft: _Draft, streamed: bool) -> Iterator[ChatEvent]:
    """Have the model write, or without one, or when it fails, quote sentences."""
    model = get_model()
    if model is not None:
        connection_release()
        draft.drawn_on = asked.material()
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
            draft.text, draft.cited, draft.drawn_on = "", set(), frozenset()
            draft.notices.append(MODEL_UNAVAILABLE)
        _check(asked)  # it was waited for
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
                _check(asked)
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


def _check(asked: Asked) -> None:
    """Whether the answer may go on, by what is so now."""
    require_still(user=asked.user, session=asked.session)
    if not all_there(asked.session, asked.material()):
        raise MaterialRemoved()


def _shown(text: str, cleaned: AnswerFilter, draft: _Draft) -> TextWritten:
    text = text if draft.text else text.lstrip()
    draft.text += text
    draft.cited = cleaned.cited
    return TextWritten(text)


def _keep(asked: Asked, draft: _Draft) -> ChatMessage:
    """Remember question and answer, and give it as the history would.

    NotFound if the conversation was deleted meanwhile.
    """
    message = new_message(
        "assistant",
        draft.text.strip() or NOT_IN_MATERIAL,
        answered=bool(draft.text),
        notices=draft.notices,
        citations=[each for each in asked.citations if each.number in draft.cited],
    )
    if not ChatSession.objects.filter(pk=asked.session.pk).exists():
        raise NotFound("The conversation has been deleted.")
    drawn_on = draft.drawn_on if draft.text else ()  # our own words are of no document
    kept = stored(message, asked.query, drawn_on)
    remember(asked.session.pk, [stored(asked.question, asked.query), kept])
    return shown(asked.session, [kept])[0]
