"""The stores of what is derived from events: page views, engagement, learning progress."""

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from config.stores import Store


class PageHour(NamedTuple):
    """A counter's key: a page in an hour of a day (UTC)."""

    date: date
    hour: int
    page: str


@dataclass(frozen=True)
class PageViews:
    """A row of `page_view_stats`."""

    date: date
    hour: int
    page: str
    view_count: int

    @property
    def key(self) -> PageHour:
        """The counter that the row is of."""
        return PageHour(self.date, self.hour, self.page)


class PageViewStore(Store[PageViews]):
    """Counters: shown live, and corrected by differences once an hour is closed."""

    @abstractmethod
    def add(self, counts: Mapping[PageHour, int]) -> None:
        """Add to the counters (also below zero, to correct); missing ones begin at 0."""

    @abstractmethod
    def of_date(self, day: date) -> list[PageViews]:
        """The day's counters that are not 0: the latest hour first, then by page."""

    def load(self, records: Sequence[PageViews]) -> None:
        # A counter can only be added to, so what is missing is added; nobody else may count
        # in these hours meanwhile.
        days = {row.date for row in records}
        there = {row.key: row.view_count for day in days for row in self.of_date(day)}
        self.add({row.key: row.view_count - there.get(row.key, 0) for row in records})


@dataclass(frozen=True)
class UserEngagement:
    """A row of `user_engagement`: a person's day (UTC)."""

    user_id: UUID
    date: date
    total_events: int
    unique_pages: int
    session_count: int
    total_time_minutes: int
    engagement_score: float


class UserEngagementStore(Store[UserEngagement]):
    """One row per person and day; writing it again replaces it."""

    @abstractmethod
    def save(self, rows: Iterable[UserEngagement]) -> None:
        """Write the rows over those of the same person and day."""

    @abstractmethod
    def history(self, user_id: UUID, *, limit: int = 30) -> list[UserEngagement]:
        """A person's last days that have a row, newest first."""

    def histories(
        self, user_ids: Collection[UUID], *, limit: int = 30
    ) -> dict[UUID, list[UserEngagement]]:
        """The `history` of several people, those without a row left out."""
        found = {user_id: self.history(user_id, limit=limit) for user_id in user_ids}
        return {user_id: rows for user_id, rows in found.items() if rows}

    def load(self, records: Sequence[UserEngagement]) -> None:
        self.save(records)


@dataclass(frozen=True)
class LearningProgress:
    """A row of `learning_progress`: a person's week (from Monday, UTC) in a subject.

    `average_score` is 0 to 1, None without any graded answer.
    """

    user_id: UUID
    subject: str
    week_start: date
    lessons_completed: int
    time_spent_minutes: int
    average_score: float | None
    topics_mastered: frozenset[str]


class LearningProgressStore(Store[LearningProgress]):
    """One row per person, subject and week; writing it again replaces it."""

    @abstractmethod
    def save(self, rows: Iterable[LearningProgress]) -> None:
        """Write the rows over those of the same person, subject and week."""

    @abstractmethod
    def in_subject(
        self, user_id: UUID, subject: str, *, limit: int | None = None
    ) -> Sequence[LearningProgress]:
        """A person's weeks in a subject, newest first."""

    def load(self, records: Sequence[LearningProgress]) -> None:
        self.save(records)
