"""A person's week in a subject, put together from its days.

From the events: `lesson_completed` (each lesson once a week, its minutes added),
`study_time` (minutes), `answer_graded` (the latest score of each question) and
`topic_mastered`. The last two come from the server alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from analytics.events.registry import (
    ANSWER_GRADED,
    LESSON_COMPLETED,
    STUDY_TIME,
    TOPIC_MASTERED,
)
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import LearningProgress


@dataclass
class LearningPart:
    """What one day adds to a person's week in a subject; `scores` is by question, 0 to 1."""

    user_id: UUID
    subject: str
    date: date
    lessons: set[str] = field(default_factory=set)
    minutes: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    topics: set[str] = field(default_factory=set)


class LearningParts:
    """Takes the events of one day in the order of their time; then `parts` are its parts."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._parts: dict[tuple[UUID, str], LearningPart] = {}

    def see(self, event: Event) -> None:
        """Count an event if it says something of learning."""
        said = event.properties
        if event.user_id is None or event.event_type not in _LEARNING:
            return
        key = (event.user_id, said["subject"])
        part = self._parts.setdefault(key, LearningPart(*key, self.day))
        if event.event_type == ANSWER_GRADED:
            part.scores[said["question"]] = float(said["score"])
        elif event.event_type == TOPIC_MASTERED:
            part.topics.add(said["topic"])
        else:
            part.minutes += float(said.get("minutes", 0))
        if event.event_type == LESSON_COMPLETED:
            part.lessons.add(said["lesson"])

    @property
    def parts(self) -> list[LearningPart]:
        return list(self._parts.values())


_LEARNING = frozenset({ANSWER_GRADED, LESSON_COMPLETED, STUDY_TIME, TOPIC_MASTERED})


def monday_of(day: date) -> date:
    """The first day of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks(parts: Iterable[LearningPart]) -> list[LearningProgress]:
    """The rows of the weeks that the days belong to."""
    grouped: dict[tuple[UUID, str, date], list[LearningPart]] = {}
    for part in parts:
        key = (part.user_id, part.subject, monday_of(part.date))
        grouped.setdefault(key, []).append(part)
    return [_week(*key, found) for key, found in grouped.items()]


def _week(user_id: UUID, subject: str, monday: date, parts: list[LearningPart]) -> LearningProgress:
    lessons: set[str] = set()
    topics: set[str] = set()
    scores: dict[str, float] = {}
    for part in sorted(parts, key=lambda part: part.date):
        lessons |= part.lessons
        topics |= part.topics
        scores |= part.scores  # of a question graded twice, the later grade
    average = sum(scores[question] for question in sorted(scores)) / len(scores) if scores else None
    return LearningProgress(
        user_id=user_id,
        subject=subject,
        week_start=monday,
        lessons_completed=len(lessons),
        time_spent_minutes=round(sum(part.minutes for part in parts)),
        average_score=average,
        topics_mastered=frozenset(topics),
    )
