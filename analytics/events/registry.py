"""The types of events: what each must carry, who may send it, what it counts for.

A type is added here; an event of an unknown type, or without what its type requires, is
refused with a reason. Properties beside those named here are kept as they are.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from config import limits

Check = Callable[[str], str | None]  # what is wrong with a property's text, None if nothing


def text(longest: int) -> Check:
    """Some text, not only space, of at most so many characters."""

    def check(value: str) -> str | None:
        if not value.strip():
            return "must not be empty"
        return f"must have at most {longest} characters" if len(value) > longest else None

    return check


def number(least: float, most: float) -> Check:
    """A number between two bounds, inclusive."""

    def check(value: str) -> str | None:
        try:
            found = float(value)
        except ValueError:
            found = math.nan
        return None if least <= found <= most else f"must be a number from {least:g} to {most:g}"

    return check


@dataclass(frozen=True)
class EventType:
    """A type of event.

    `by_client`: whether a browser may send it; what decides a person's record comes from the
    server alone. `is_activity`: whether it shows the person at work, so that it counts as
    engagement (a grade that arrives at night does not).
    """

    name: str
    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    by_client: bool = True
    is_activity: bool = True


_NAME = text(200)
_SUBJECT = text(100)
_MINUTES = number(0, limits.EVENT_MINUTES_MAX)

PAGE_VIEW = "page_view"
LESSON_COMPLETED = "lesson_completed"
STUDY_TIME = "study_time"
ANSWER_GRADED = "answer_graded"
TOPIC_MASTERED = "topic_mastered"

EVENT_TYPES: dict[str, EventType] = {
    kind.name: kind
    for kind in (
        EventType(PAGE_VIEW, required={"page": text(limits.PAGE_MAX)}),
        EventType(
            LESSON_COMPLETED,
            required={"subject": _SUBJECT, "lesson": _NAME},
            optional={"minutes": _MINUTES},
        ),
        EventType(
            STUDY_TIME,
            required={"subject": _SUBJECT, "minutes": _MINUTES},
            optional={"topic": _NAME},
        ),
        EventType("document_opened", required={"document": _NAME}),
        EventType("recording_played", required={"recording": _NAME}),
        EventType("search_performed"),
        EventType(
            ANSWER_GRADED,
            required={"subject": _SUBJECT, "question": _NAME, "score": number(0, 1)},
            optional={"topic": _NAME},
            by_client=False,
            is_activity=False,
        ),
        EventType(
            TOPIC_MASTERED,
            required={"subject": _SUBJECT, "topic": _NAME},
            by_client=False,
            is_activity=False,
        ),
    )
}
