"""A student's day on the platform as events: pure, the same for the same person and day."""

import math
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from analytics.events.registry import LESSON_COMPLETED, PAGE_VIEW
from analytics.stores.events.base import Event
from config.demo.students import Character, dice

_NAMESPACE = uuid.UUID("3f0f2a0e-6c1b-4d0f-9a55-0a6a3c1f7b21")
_HOURS = (8, 10, 13, 15, 16, 17, 18, 19, 19, 20, 21)
_PAUSES = (15, 240)  # seconds between two events, evenly spread on a logarithmic scale
_WEEKEND = 0.45


@dataclass(frozen=True)
class Course:
    """What a student finds in one of their classes; `subject` is the class's."""

    path: str
    subject: str
    documents: tuple[str, ...]
    recordings: tuple[str, ...]
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Learner:
    """A student with their classes."""

    user_id: uuid.UUID
    email: str
    character: Character
    courses: tuple[Course, ...]


def day_events(learner: Learner, day: date) -> list[Event]:
    """What a student does on a day (UTC), in the order of time."""
    chance = dice("day", learner.email, day)
    events: list[Event] = []
    for start in _session_starts(learner.character, day, chance):
        moment = start
        for kind, properties in _session(learner, chance):
            if moment.date() != day:
                break
            name = f"{learner.user_id} {day} {len(events)}"
            events.append(
                Event(uuid.uuid5(_NAMESPACE, name), moment, kind, learner.user_id, properties)
            )
            pause = math.exp(chance.uniform(*(math.log(bound) for bound in _PAUSES)))
            moment += timedelta(milliseconds=round(1000 * pause))
    return sorted(events, key=lambda event: event.event_time)


def events_between(learners: Iterable[Learner], start: date, end: date) -> Iterator[list[Event]]:
    """The events of all learners, a day at a time from `start` to `end` (both in)."""
    people = list(learners)
    for number in range((end - start).days + 1):
        found = [
            event
            for learner in people
            for event in day_events(learner, start + timedelta(days=number))
        ]
        yield sorted(found, key=lambda event: event.event_time)


def _session_starts(character: Character, day: date, chance: Random) -> list[datetime]:
    keenness = character.diligence * (_WEEKEND if day.weekday() >= 5 else 1)
    hours = {chance.choice(_HOURS) for _ in range(3) if chance.random() < keenness * 0.75}
    return [
        datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), UTC)
        for hour in sorted(hours)
    ]


def _session(learner: Learner, chance: Random) -> Iterator[tuple[str, dict[str, str]]]:
    yield PAGE_VIEW, {"page": "/dashboard"}
    course = chance.choice(learner.courses)
    yield PAGE_VIEW, {"page": course.path}
    for _ in range(1 + round(chance.random() * 4 * learner.character.diligence)):
        yield from _step(course, chance)


def _step(course: Course, chance: Random) -> Iterator[tuple[str, dict[str, str]]]:
    kind = chance.random()
    if kind < 0.4:
        document = chance.choice(course.documents)
        yield PAGE_VIEW, {"page": f"{course.path}/material/{document}"}
        yield "document_opened", {"document": document}
    elif kind < 0.55:
        recording = chance.choice(course.recordings)
        yield PAGE_VIEW, {"page": f"{course.path}/meetings"}
        yield "recording_played", {"recording": recording}
    elif kind < 0.75:
        yield PAGE_VIEW, {"page": f"{course.path}/search"}
        yield "search_performed", {}
    elif kind < 0.9:
        lesson = chance.choice(course.lessons)
        yield PAGE_VIEW, {"page": f"{course.path}/lessons"}
        yield (
            LESSON_COMPLETED,
            {
                "subject": course.subject,
                "lesson": lesson,
                "minutes": str(chance.randrange(8, 31)),
            },
        )
    else:
        yield PAGE_VIEW, {"page": f"{course.path}/assessments"}
