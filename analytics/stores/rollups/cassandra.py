"""The rollups in Cassandra."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from cassandra.query import BatchType, BoundStatement

from analytics.stores.rollups.base import (
    LearningProgress,
    LearningProgressStore,
    PageHour,
    PageViews,
    PageViewStore,
    UserEngagement,
    UserEngagementStore,
)
from config.connections.cassandra import COUNTERS, PAGE
from config.connections.cassandra_batches import in_batches
from config.connections.cassandra_schema import Table
from config.connections.cassandra_store import CassandraStore
from config.stores import Page

_COUNT = """
UPDATE {table} SET view_count = view_count + ? WHERE date = ? AND hour = ? AND page = ?
"""
_OF_DATE = "SELECT {columns} FROM {table} WHERE date = ?"
_SAVE_DAY = "INSERT INTO {table} ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_HISTORY = "SELECT {columns} FROM {table} WHERE user_id = ? LIMIT ?"
_SAVE_WEEK = "INSERT INTO {table} ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_IN_SUBJECT = "SELECT {columns} FROM {table} WHERE user_id = ? AND subject = ?"


class CassandraPageViewStore(CassandraStore[PageViews], PageViewStore):
    """Counters that Cassandra adds up, so concurrent views are all counted."""

    table = Table(
        name="page_view_stats",
        columns={"date": "date", "hour": "int", "page": "text", "view_count": "counter"},
        partition=("date",),
        clustering={"hour": "DESC", "page": "ASC"},
    )

    def add(self, counts: Mapping[PageHour, int]) -> None:
        """As the interface says, and never sent twice, since twice would count twice.

        A failure may leave some counted, and of what was not answered nobody can tell: the
        reconciler makes the counters exact again.
        """
        days: dict[date, list[BoundStatement]] = defaultdict(list)
        for key, count in sorted(counts.items()):
            if count:
                days[key.date].append(self._bind(_COUNT, count, key.date, key.hour, key.page))
        self._connection.run(
            (
                request
                for some in days.values()
                for request in in_batches(some, kind=BatchType.COUNTER)
            ),
            profile=COUNTERS,
        )

    def of_date(self, day: date) -> list[PageViews]:
        rows = self._connection.rows(self._bind(_OF_DATE, day))
        return [views for views in map(self._record, rows) if views.view_count]

    def scan(self, *, after: str | None = None, limit: int) -> Page[PageViews]:
        page = super().scan(after=after, limit=limit)
        return Page([views for views in page.records if views.view_count], page.next)

    def _record(self, row: Sequence[Any]) -> PageViews:
        day, hour, page, view_count = row
        return PageViews(day.date(), hour, page, view_count)


class CassandraUserEngagementStore(CassandraStore[UserEngagement], UserEngagementStore):
    """Days of people, each person a partition."""

    table = Table(
        name="user_engagement",
        columns={
            "user_id": "uuid",
            "date": "date",
            "total_events": "bigint",
            "unique_pages": "int",
            "session_count": "int",
            "total_time_minutes": "int",
            "engagement_score": "double",
        },
        partition=("user_id",),
        clustering={"date": "DESC"},
    )

    def save(self, rows: Iterable[UserEngagement]) -> None:
        self._connection.run(
            self._bind(
                _SAVE_DAY,
                row.user_id,
                row.date,
                row.total_events,
                row.unique_pages,
                row.session_count,
                row.total_time_minutes,
                row.engagement_score,
            )
            for row in rows
        )

    def history(self, user_id: UUID, *, limit: int = 30) -> list[UserEngagement]:
        return self.histories([user_id], limit=limit).get(user_id, [])

    def histories(
        self, user_ids: Collection[UUID], *, limit: int = 30
    ) -> dict[UUID, list[UserEngagement]]:
        if limit <= 0:
            return {}
        results = self._connection.run(self._bind(_HISTORY, user_id, limit) for user_id in user_ids)
        found = {
            user_id: [self._record(row) for row in rows]
            for user_id, rows in zip(user_ids, results, strict=True)
        }
        return {user_id: rows for user_id, rows in found.items() if rows}

    def _record(self, row: Sequence[Any]) -> UserEngagement:
        user_id, day, *numbers = row
        return UserEngagement(user_id, day.date(), *numbers)


class CassandraLearningProgressStore(CassandraStore[LearningProgress], LearningProgressStore):
    """Weeks of people in subjects, each person's subject a partition."""

    table = Table(
        name="learning_progress",
        columns={
            "user_id": "uuid",
            "subject": "text",
            "week_start": "date",
            "lessons_completed": "int",
            "time_spent_minutes": "int",
            "average_score": "double",
            "topics_mastered": "set<text>",
        },
        partition=("user_id", "subject"),
        clustering={"week_start": "DESC"},
    )

    def save(self, rows: Iterable[LearningProgress]) -> None:
        self._connection.run(
            self._bind(
                _SAVE_WEEK,
                row.user_id,
                row.subject,
                row.week_start,
                row.lessons_completed,
                row.time_spent_minutes,
                row.average_score,
                row.topics_mastered,
            )
            for row in rows
        )

    def in_subject(
        self, user_id: UUID, subject: str, *, limit: int | None = None
    ) -> Sequence[LearningProgress]:
        rows = self._connection.rows(
            self._bind(_IN_SUBJECT, user_id, subject), size=PAGE if limit is None else limit
        )
        return [self._record(row) for row in islice(rows, limit)]

    def _record(self, row: Sequence[Any]) -> LearningProgress:
        user_id, subject, week_start, lessons, minutes, score, topics = row
        return LearningProgress(
            user_id, subject, week_start.date(), lessons, minutes, score, frozenset(topics or ())
        )
