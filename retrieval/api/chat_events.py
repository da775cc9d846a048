"""An answer as a stream of server-sent events (the HTML standard's `text/event-stream`).

`citations`: {"citations": […]}, what the answer may draw on, first; `token`: {"text": …}, the
next piece of plain text; then one of `done`, the message as it is remembered, which replaces
what was streamed, and `error`, a problem (RFC 9457) with the `message` as far as it got, if it is
remembered.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.encoding import force_str
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from config.problems import describe, problem
from retrieval.api.chat_serializers import ChatMessageSerializer, CitationSerializer
from retrieval.services.chat import (
    AnswerBroken,
    AnswerDone,
    ChatEvent,
    ChatEvents,
    PassagesFound,
    StillWaiting,
    TextWritten,
)

EVENT_STREAM = "text/event-stream"
# Kept by nobody on the way, and not held back by a proxy until it is complete.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

logger = logging.getLogger(__name__)


class EventStreamRenderer(BaseRenderer):
    """Lets a client ask for events; the response is made without it."""

    media_type = EVENT_STREAM
    format = "events"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return JSONRenderer().render(data)


def stream_response(events: ChatEvents, request: Request) -> StreamingHttpResponse:
    """The response that sends the events as they come."""
    return StreamingHttpResponse(
        _Lines(events, {"request": request}), content_type=EVENT_STREAM, headers=_HEADERS
    )


class _Lines:
    """The events as text. Closing it closes them, also when none has been read yet."""

    def __init__(self, events: ChatEvents, context: dict[str, Any]) -> None:
        self._events, self._context = events, context

    def __iter__(self) -> Iterator[str]:
        try:
            for event in self._events:
                yield _line(event, self._context)
        except Exception as error:
            found = describe(error)
            if found is None:  # the status has been sent: this is all that is left to say
                logger.exception("a stream of the chat broke")
                found = problem(500, "Something is broken on our side", "server_error"), {}
            yield _event("error", found[0])

    def close(self) -> None:
        self._events.close()


def _line(event: ChatEvent, context: dict[str, Any]) -> str:
    match event:
        case PassagesFound(citations):
            data = CitationSerializer(citations, many=True, context=context).data
            return _event("citations", {"citations": data})
        case TextWritten(text):
            return _event("token", {"text": text})
        case StillWaiting():
            return ": waiting\n\n"
        case AnswerDone(message):
            return _event("done", ChatMessageSerializer(message, context=context).data)
        case AnswerBroken(error, message):
            found = describe(error)
            assert found is not None  # an error of the domain
            data = ChatMessageSerializer(message, context=context).data
            return _event("error", {**found[0], "message": data})


def _event(name: str, data: Any) -> str:
    text = force_str(JSONRenderer().render(data))
    # JSON has no line breaks of its own, but for these two, which only some take for one.
    assert "\n" not in text, json.dumps(text)
    return f"event: {name}\ndata: {text}\n\n"
