"""What the movement of mastery tells analytics, after the commit.

These events are where `learning_progress` has its average scores and mastered topics from:
analytics itself knows neither assessments nor topics.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from analytics.events.registry import ANSWER_GRADED, STUDY_TIME, TOPIC_MASTERED
from analytics.services import events_record
from analytics.stores.events.base import Event
from assessments.models import Question
from progress.mastery import MASTERED
from progress.models import MasteryEvidence, Progress
from progress.services.evidence import current, level_of

_NAMESPACE = uuid.UUID("5d0c2a6e-52f3-4d56-8f3e-0b6f7d1f6a3d")


@dataclass(frozen=True)
class Moved:
    """A row, the evidence that is new in it, and all its evidence with the new."""

    row: Progress
    new: Sequence[MasteryEvidence]
    history: Sequence[MasteryEvidence]


def announce(moved: Sequence[Moved]) -> None:
    """Send an event for each graded answer, and one for each topic that is mastered now.

    Only evidence counts whose results are released: what analytics shows, its learner may
    see. The rest is announced by the release.
    """
    released = _release_times(item.question_id for change in moved for item in change.history)
    events: list[Event] = []
    for change in moved:
        known = [item for item in change.history if item.question_id in released]
        new = [item for item in change.new if item.question_id in released]
        if not new:
            continue
        # A grade counts from the moment in which its learner could know it.
        times = {item.pk: max(item.graded_at, released[item.question_id]) for item in new}
        events += [_answer_graded(change.row, item, times[item.pk]) for item in current(new)]
        before = level_of(item for item in known if item.pk not in times)
        if before < MASTERED <= level_of(known):
            events.append(_topic_mastered(change.row, max(times.values())))
    _send(events)


def announce_time(row: Progress, minutes: int, at: datetime) -> None:
    """Send an event for time that was spent on a topic."""
    said = {"subject": row.topic.subject, "topic": row.topic.name, "minutes": str(minutes)}
    _send([Event(uuid.uuid4(), at, STUDY_TIME, row.user_id, said)])


def _release_times(question_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the results of these questions were released; those that are not are left out."""
    questions = Question.objects.filter(pk__in=set(question_ids))
    times = questions.values_list("pk", "assessment__state__results_released_at")
    return {pk: time for pk, time in times if time is not None}


def _answer_graded(row: Progress, item: MasteryEvidence, at: datetime) -> Event:
    # The same grade always has the same id: a rebuilt or repeated one is a duplicate.
    name = f"graded {item.user_id} {item.topic_id} {item.question_id} {item.graded_at.isoformat()}"
    return Event(
        event_id=uuid.uuid5(_NAMESPACE, name),
        event_time=at,
        event_type=ANSWER_GRADED,
        user_id=row.user_id,
        properties={
            "subject": row.topic.subject,
            "topic": row.topic.name,
            "question": str(item.question_id),
            "score": f"{item.fraction:.4f}",
        },
    )


def _topic_mastered(row: Progress, at: datetime) -> Event:
    name = f"mastered {row.user_id} {row.topic_id} {at.isoformat()}"
    return Event(
        event_id=uuid.uuid5(_NAMESPACE, name),
        event_time=at,
        event_type=TOPIC_MASTERED,
        user_id=row.user_id,
        properties={"subject": row.topic.subject, "topic": row.topic.name},
    )


def _send(events: list[Event]) -> None:
    if events:
        transaction.on_commit(lambda: _record(events), robust=True)


def _record(events: list[Event]) -> None:
    events_record(events=events)
