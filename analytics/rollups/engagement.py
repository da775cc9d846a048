"""A person's day: events, pages, sessions, minutes and one score.

A silence of more than `limits.SESSION_GAP` ends a session. Of each silence within a session
at most `limits.SESSION_GAP_COUNTED` counts as time, so that a page left open is not work.
Days are UTC days: a session across midnight counts on both.
"""

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from analytics.events.registry import EVENT_TYPES, PAGE_VIEW
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import UserEngagement
from config import limits

FORMULA_VERSION = "engagement-1"


def engagement_score(*, minutes: int, events: int, pages: int, sessions: int) -> float:
    """0 to 100, formula "engagement-1": docs/decisions/0007-engagement-score.md says why.

    40 (1 - e^(-minutes/30)) + 30 (1 - e^(-events/40)) + 20 (1 - e^(-pages/8))
    + 10 min(sessions, 3) / 3, rounded to a hundredth.
    """
    score = (
        40 * (1 - math.exp(-minutes / 30))
        + 30 * (1 - math.exp(-events / 40))
        + 20 * (1 - math.exp(-pages / 8))
        + 10 * min(sessions, 3) / 3
    )
    return round(score, 2)


@dataclass
class _Person:
    events: int = 0
    sessions: int = 0
    time: timedelta = timedelta()
    pages: set[str] = field(default_factory=set)
    last: datetime | None = None


class EngagementDay:
    """Takes the events of one day in the order of their time; then `rows` is the rollup."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._people: dict[UUID, _Person] = {}

    def see(self, event: Event) -> None:
        """Count an event; those of nobody, and those that show nobody at work, do not."""
        kind = EVENT_TYPES.get(event.event_type)
        if event.user_id is None or kind is None or not kind.is_activity:
            return
        person = self._people.setdefault(event.user_id, _Person())
        person.events += 1
        if event.event_type == PAGE_VIEW:
            person.pages.add(event.properties["page"])
        gap = None if person.last is None else event.event_time - person.last
        if gap is None or gap > limits.SESSION_GAP:
            person.sessions += 1
        else:
            person.time += min(gap, limits.SESSION_GAP_COUNTED)
        person.last = event.event_time

    @property
    def rows(self) -> list[UserEngagement]:
        """A row for everyone who was at work; minutes are whole ones."""
        return [self._row(user_id, person) for user_id, person in self._people.items()]

    def _row(self, user_id: UUID, person: _Person) -> UserEngagement:
        minutes = person.time // timedelta(minutes=1)
        pages = len(person.pages)
        return UserEngagement(
            user_id=user_id,
            date=self.day,
            total_events=person.events,
            unique_pages=pages,
            session_count=person.sessions,
            total_time_minutes=minutes,
            engagement_score=engagement_score(
                minutes=minutes, events=person.events, pages=pages, sessions=person.sessions
            ),
        )
