"""What happens while a question is answered, in the order in which it does."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from config.errors import DomainError
from retrieval.services.chat.messages import ChatMessage, Citation


@dataclass(frozen=True, slots=True)
class PassagesFound:
    """What the answer may draw on; none: nothing is near enough."""

    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class TextWritten:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """Nothing yet."""


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """The answer as it is remembered."""

    message: ChatMessage


@dataclass(frozen=True, slots=True)
class AnswerBroken:
    """The answer ended before its end; `message` is what is remembered of it."""

    error: DomainError
    message: ChatMessage


ChatEvent = PassagesFound | TextWritten | StillWaiting | AnswerDone | AnswerBroken
ChatEvents = Generator[ChatEvent, None, None]
