"""The rollups as rows of PostgreSQL."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from analytics.models import LearningProgressRow, PageViewRow, UserEngagementRow
from analytics.stores.rollups.base import (
    LearningProgress,
    LearningProgressStore,
    PageHour,
    PageViews,
    PageViewStore,
    UserEngagement,
    UserEngagementStore,
)
from config.connections.postgresql_store import TableStore, columns_of, fetch, run
from config.stores import Page

_COUNT = """
INSERT INTO page_view_stats AS stats (date, hour, page, view_count)
SELECT * FROM unnest(%s::date[], %s::int[], %s::text[], %s::bigint[])
ON CONFLICT (date, hour, page) DO UPDATE SET view_count = stats.view_count + excluded.view_count
"""
_VIEWS = "date, hour, page, view_count"
_OF_DATE = f"""
SELECT {_VIEWS} FROM page_view_stats WHERE date = %s AND view_count <> 0 ORDER BY hour DESC, page
"""  # noqa: S608 - built of constants

_DAY = (
    "user_id, date, total_events, unique_pages, session_count, total_time_minutes, engagement_score"
)
_SAVE_DAYS = f"""
INSERT INTO user_engagement ({_DAY})
SELECT * FROM unnest(%s::uuid[], %s::date[], %s::bigint[], %s::int[], %s::int[], %s::int[],
                     %s::float8[])
ON CONFLICT (user_id, date) DO UPDATE SET
    total_events = excluded.total_events,
    unique_pages = excluded.unique_pages,
    session_count = excluded.session_count,
    total_time_minutes = excluded.total_time_minutes,
    engagement_score = excluded.engagement_score
"""  # noqa: S608 - built of constants
_HISTORY = f"""
SELECT {_DAY} FROM user_engagement WHERE user_id = %s ORDER BY date DESC LIMIT %s
"""  # noqa: S608 - built of constants
_HISTORIES = f"""
SELECT days.* FROM unnest(%s::uuid[]) AS people (id)
CROSS JOIN LATERAL (
    SELECT {_DAY} FROM user_engagement WHERE user_id = people.id ORDER BY date DESC LIMIT %s
) AS days
ORDER BY user_id, date DESC
"""  # noqa: S608 - built of constants

_WEEK = (
    "user_id, subject, week_start, lessons_completed, time_spent_minutes, average_score, "
    "topics_mastered"
)
# An array of arrays would have to have them all of one length.
_SAVE_WEEKS = f"""
INSERT INTO learning_progress ({_WEEK})
SELECT user_id, subject, week_start, lessons, minutes, score,
       ARRAY(SELECT json_array_elements_text(topics))
FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::int[], %s::int[], %s::float8[], %s::json[])
     AS new (user_id, subject, week_start, lessons, minutes, score, topics)
ON CONFLICT (user_id, subject, week_start) DO UPDATE SET
    lessons_completed = excluded.lessons_completed,
    time_spent_minutes = excluded.time_spent_minutes,
    average_score = excluded.average_score,
    topics_mastered = excluded.topics_mastered
"""  # noqa: S608 - built of constants
_IN_SUBJECT = f"""
SELECT {_WEEK} FROM learning_progress WHERE user_id = %s AND subject = %s
ORDER BY week_start DESC LIMIT %s
"""  # noqa: S608 - built of constants


class EmbeddedPageViewStore(TableStore[PageViews], PageViewStore):
    """Counters that the database adds up, so concurrent views are all counted."""

    models = (PageViewRow,)

    def add(self, counts: Mapping[PageHour, int]) -> None:
        # In the order of the keys: two writers can't wait for each other's rows.
        rows = [(*key, counts[key]) for key in sorted(counts) if counts[key]]
        if rows:
            run(_COUNT, columns_of(rows))

    def of_date(self, day: date) -> list[PageViews]:
        return [PageViews(*row) for row in fetch(_OF_DATE, [day])]

    def scan(self, *, after: str | None = None, limit: int) -> Page[PageViews]:
        rows, following = _scan(_VIEWS, "page_view_stats", "view_count <> 0", after, limit)
        return Page([PageViews(*row) for row in rows], following)


class EmbeddedUserEngagementStore(TableStore[UserEngagement], UserEngagementStore):
    """Days of people."""

    models = (UserEngagementRow,)

    def save(self, rows: Iterable[UserEngagement]) -> None:
        ordered = sorted(rows, key=lambda row: (row.user_id, row.date))
        if ordered:
            run(_SAVE_DAYS, columns_of([_day(row) for row in ordered]))

    def history(self, user_id: UUID, *, limit: int = 30) -> list[UserEngagement]:
        return [UserEngagement(*row) for row in fetch(_HISTORY, [user_id, max(limit, 0)])]

    def histories(
        self, user_ids: Collection[UUID], *, limit: int = 30
    ) -> dict[UUID, list[UserEngagement]]:
        found: dict[UUID, list[UserEngagement]] = {}
        for row in fetch(_HISTORIES, [list(set(user_ids)), max(limit, 0)]):
            found.setdefault(row[0], []).append(UserEngagement(*row))
        return found

    def scan(self, *, after: str | None = None, limit: int) -> Page[UserEngagement]:
        rows, following = _scan(_DAY, "user_engagement", "true", after, limit)
        return Page([UserEngagement(*row) for row in rows], following)


class EmbeddedLearningProgressStore(TableStore[LearningProgress], LearningProgressStore):
    """Weeks of people in subjects."""

    models = (LearningProgressRow,)

    def save(self, rows: Iterable[LearningProgress]) -> None:
        ordered = sorted(rows, key=lambda row: (row.user_id, row.subject, row.week_start))
        if ordered:
            run(_SAVE_WEEKS, columns_of([_week(row) for row in ordered]))

    def in_subject(
        self, user_id: UUID, subject: str, *, limit: int | None = None
    ) -> Sequence[LearningProgress]:
        return [_learning(row) for row in fetch(_IN_SUBJECT, [user_id, subject, limit])]

    def scan(self, *, after: str | None = None, limit: int) -> Page[LearningProgress]:
        rows, following = _scan(_WEEK, "learning_progress", "true", after, limit)
        return Page([_learning(row) for row in rows], following)


def _scan(
    columns: str, table: str, condition: str, after: str | None, limit: int
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Rows in the order in which they were made, after the row with the id `after`."""
    rows = fetch(
        f"SELECT {columns}, id FROM {table} WHERE {condition} AND id > %s"  # noqa: S608 - constants
        " ORDER BY id LIMIT %s",
        [int(after or 0), limit],
    )
    return [row[:-1] for row in rows], str(rows[-1][-1]) if len(rows) == limit else None


def _day(row: UserEngagement) -> tuple[Any, ...]:
    return (
        row.user_id,
        row.date,
        row.total_events,
        row.unique_pages,
        row.session_count,
        row.total_time_minutes,
        row.engagement_score,
    )


def _week(row: LearningProgress) -> tuple[Any, ...]:
    return (
        row.user_id,
        row.subject,
        row.week_start,
        row.lessons_completed,
        row.time_spent_minutes,
        row.average_score,
        json.dumps(sorted(row.topics_mastered)),
    )


def _learning(row: tuple[Any, ...]) -> LearningProgress:
    values = (*row[:-1], frozenset(row[-1]))
    return LearningProgress(*values)
