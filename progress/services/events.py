"""What the movement of mastery tells analytics, after the commit.

These events are where `learning_progress` has its average scores and mastered topics from:
analytics itself knows neither assessments nor topics.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from analytics.events.registry import ANSWER_GRADED, STUDY_TIME, TOPIC_MASTERED
from analytics.services import events_record
from analytics.stores.events.base import Event
from progress.mastery import MASTERED
from progress.models import MasteryEvidence, Progress

_NAMESPACE = uuid.UUID("5d0c2a6e-52f3-4d56-8f3e-0b6f7d1f6a3d")


@dataclass(frozen=True)
class Moved:
    """A row that moved, its mastery before, and the evidence that moved it."""

    row: Progress
    before: Decimal
    evidence: Sequence[MasteryEvidence]


def announce(moved: Sequence[Moved]) -> None:
    """Send an event for each graded answer, and one for each topic that is mastered now."""
    events: list[Event] = []
    for change in moved:
        row = change.row
        events += [_answer_graded(row, item) for item in change.evidence]
        if change.before < MASTERED <= (row.mastery_level or 0):
            events.append(_topic_mastered(row, change.evidence[-1]))
    _send(events)


def announce_time(row: Progress, minutes: int, at: datetime) -> None:
    """Send an event for time that was spent on a topic."""
    said = {"subject": row.topic.subject, "topic": row.topic.name, "minutes": str(minutes)}
    _send([Event(uuid.uuid4(), at, STUDY_TIME, row.user_id, said)])


def _answer_graded(row: Progress, item: MasteryEvidence) -> Event:
    # The same grade always has the same id: a rebuilt or repeated one is a duplicate.
    name = f"graded {item.user_id} {item.topic_id} {item.question_id} {item.graded_at.isoformat()}"
    return Event(
        event_id=uuid.uuid5(_NAMESPACE, name),
        event_time=item.graded_at,
        event_type=ANSWER_GRADED,
        user_id=row.user_id,
        properties={
            "subject": row.topic.subject,
            "topic": row.topic.name,
            "question": str(item.question_id),
            "score": f"{item.fraction:.4f}",
        },
    )


def _topic_mastered(row: Progress, item: MasteryEvidence) -> Event:
    name = f"mastered {item.user_id} {item.topic_id} {item.graded_at.isoformat()}"
    return Event(
        event_id=uuid.uuid5(_NAMESPACE, name),
        event_time=item.graded_at,
        event_type=TOPIC_MASTERED,
        user_id=row.user_id,
        properties={"subject": row.topic.subject, "topic": row.topic.name},
    )


def _send(events: list[Event]) -> None:
    if events:
        transaction.on_commit(lambda: _record(events), robust=True)


def _record(events: list[Event]) -> None:
    events_record(events=events)
