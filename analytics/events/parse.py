"""From what a client sent to an event, or to the reason why it is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from analytics.events.registry import EVENT_TYPES
from analytics.stores.events.base import Event
from config import limits

FIELDS = frozenset({"event_id", "event_type", "event_time", "properties"})


class Rejected(Exception):
    """Why an event is refused: a stable code and a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)


def parse_event(raw: object, *, user_id: UUID, now: datetime) -> Event:
    """The event in a client's JSON; raises Rejected.

    The person is the caller, never what the client says.
    """
    if not isinstance(raw, Mapping):
        raise Rejected("malformed", "An event is an object.")
    if not FIELDS.issuperset(raw):
        raise Rejected("unknown_field", f"An event has only {', '.join(sorted(FIELDS))}.")
    event = Event(
        event_id=_event_id(raw.get("event_id")),
        event_time=_event_time(raw.get("event_time"), now),
        event_type=_event_type(raw.get("event_type")),
        user_id=user_id,
        properties=_properties(raw.get("properties", {})),
    )
    check_properties(event)
    return event


def check_properties(event: Event) -> None:
    """Raise Rejected unless the event carries what its type requires, in its form."""
    kind = EVENT_TYPES[event.event_type]
    for name, check in {**kind.required, **kind.optional}.items():
        if name not in event.properties:
            if name in kind.required:
                raise Rejected("missing_property", f"{kind.name} needs the property {name}.")
            continue
        wrong = check(event.properties[name])
        if wrong is not None:
            raise Rejected("invalid_property", f"{name} {wrong}.")


def to_milliseconds(moment: datetime) -> datetime:
    """The moment in UTC as precise as every engine keeps it."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _event_id(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise Rejected("invalid_event_id", "event_id must be a UUID.") from None


def _event_time(value: Any, now: datetime) -> datetime:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None:
            raise ValueError
        moment = to_milliseconds(moment)
    except (ValueError, OverflowError):
        raise Rejected(
            "invalid_event_time", "event_time must be an ISO 8601 time with an offset."
        ) from None
    if moment > now + limits.EVENT_FUTURE_MAX:
        raise Rejected("in_the_future", "event_time is in the future: check the device's clock.")
    if moment <= now - limits.EVENT_RETENTION:
        raise Rejected("too_old", "event_time is older than events are kept.")
    return moment


def _event_type(value: Any) -> str:
    kind = EVENT_TYPES.get(value) if isinstance(value, str) else None
    if kind is None:
        raise Rejected("unknown_event_type", "There is no such event type.")
    if not kind.by_client:
        raise Rejected("server_event_type", "Only the server sends events of this type.")
    return kind.name


def _properties(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Rejected("malformed", "properties is an object of texts.")
    if len(value) > limits.EVENT_PROPERTIES_MAX:
        raise Rejected(
            "too_large", f"An event has at most {limits.EVENT_PROPERTIES_MAX} properties."
        )
    for name, content in value.items():
        if not isinstance(content, str):
            raise Rejected("malformed", "Every property is a text.")
        if max(len(name), len(content)) > limits.EVENT_TEXT_MAX:
            raise Rejected("too_large", f"A text has at most {limits.EVENT_TEXT_MAX} characters.")
        if _is_unstorable(name) or _is_unstorable(content):
            raise Rejected("malformed", "A text holds a character that can't be stored.")
    return dict(value)


def _is_unstorable(content: str) -> bool:
    """NUL, and halves of surrogate pairs, which JSON can say and UTF-8 can't."""
    try:
        return b"\x00" in content.encode()
    except UnicodeEncodeError:
        return True
