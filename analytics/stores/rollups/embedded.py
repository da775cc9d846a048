"""The rollups as rows of PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

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
from analytics.stores.rows import execute
from config.connections.postgresql import postgres_available
from config.stores import Page
from config.tables import TableStore

_BATCH = 1000
_COUNT = """
INSERT INTO page_view_stats AS stats (date, hour, page, view_count)
SELECT * FROM unnest(%s::date[], %s::int[], %s::text[], %s::bigint[])
ON CONFLICT (date, hour, page) DO UPDATE SET view_count = stats.view_count + excluded.view_count
"""


class EmbeddedPageViewStore(TableStore[PageViews], PageViewStore):
    """Counters that the database adds up, so concurrent views are all counted."""

    models = (PageViewRow,)

    def add(self, counts: Mapping[PageHour, int]) -> None:
        # In the order of the keys: two writers can't wait for each other's rows.
        keys = sorted(key for key, count in counts.items() if count)
        columns = (
            [key.date for key in keys],
            [key.hour for key in keys],
            [key.page for key in keys],
            [counts[key] for key in keys],
        )
        execute(_COUNT, columns)

    def of_date(self, day: date) -> list[PageViews]:
        rows = PageViewRow.objects.filter(date=day).exclude(view_count=0)
        with postgres_available():
            return [_views(row) for row in rows.order_by("-hour", "page")]

    def scan(self, *, after: str | None = None, limit: int) -> Page[PageViews]:
        page = _rows_after(PageViewRow.objects.exclude(view_count=0), after, limit)
        return Page([_views(row) for row in page.records], page.next)


class EmbeddedUserEngagementStore(TableStore[UserEngagement], UserEngagementStore):
    """Days of people."""

    models = (UserEngagementRow,)

    def save(self, rows: Iterable[UserEngagement]) -> None:
        with postgres_available():
            UserEngagementRow.objects.bulk_create(
                [
                    UserEngagementRow(**asdict(row))
                    for row in sorted(rows, key=lambda row: (row.user_id, row.date))
                ],
                batch_size=_BATCH,
                update_conflicts=True,
                unique_fields=["user_id", "date"],
                update_fields=[
                    "total_events",
                    "unique_pages",
                    "session_count",
                    "total_time_minutes",
                    "engagement_score",
                ],
            )

    def history(self, user_id: UUID, *, limit: int = 30) -> list[UserEngagement]:
        return self.histories([user_id], limit=limit).get(user_id, [])

    def histories(
        self, user_ids: Collection[UUID], *, limit: int = 30
    ) -> dict[UUID, list[UserEngagement]]:
        newest = Window(RowNumber(), partition_by="user_id", order_by=F("date").desc())
        rows = (
            UserEngagementRow.objects.filter(user_id__in=user_ids)
            .alias(place=newest)
            .filter(place__lte=limit)
            .order_by("user_id", "-date")
        )
        found: dict[UUID, list[UserEngagement]] = {}
        with postgres_available():
            for row in rows:
                found.setdefault(row.user_id, []).append(_engagement(row))
        return found

    def scan(self, *, after: str | None = None, limit: int) -> Page[UserEngagement]:
        page = _rows_after(UserEngagementRow.objects.all(), after, limit)
        return Page([_engagement(row) for row in page.records], page.next)


class EmbeddedLearningProgressStore(TableStore[LearningProgress], LearningProgressStore):
    """Weeks of people in subjects."""

    models = (LearningProgressRow,)

    def save(self, rows: Iterable[LearningProgress]) -> None:
        ordered = sorted(rows, key=lambda row: (row.user_id, row.subject, row.week_start))
        with postgres_available():
            LearningProgressRow.objects.bulk_create(
                [
                    LearningProgressRow(
                        **{**asdict(row), "topics_mastered": sorted(row.topics_mastered)}
                    )
                    for row in ordered
                ],
                batch_size=_BATCH,
                update_conflicts=True,
                unique_fields=["user_id", "subject", "week_start"],
                update_fields=[
                    "lessons_completed",
                    "time_spent_minutes",
                    "average_score",
                    "topics_mastered",
                ],
            )

    def in_subject(
        self, user_id: UUID, subject: str, *, limit: int | None = None
    ) -> Sequence[LearningProgress]:
        rows = LearningProgressRow.objects.filter(user_id=user_id, subject=subject)
        with postgres_available():
            return [_learning(row) for row in rows.order_by("-week_start")[:limit]]

    def scan(self, *, after: str | None = None, limit: int) -> Page[LearningProgress]:
        page = _rows_after(LearningProgressRow.objects.all(), after, limit)
        return Page([_learning(row) for row in page.records], page.next)


def _rows_after(rows: QuerySet[Any], after: str | None, limit: int) -> Page[Any]:
    """Rows in the order in which they were made, after the row with the id `after`."""
    if after is not None:
        rows = rows.filter(pk__gt=int(after))
    with postgres_available():
        found = list(rows.order_by("pk")[:limit])
    return Page(found, str(found[-1].pk) if len(found) == limit else None)


def _views(row: PageViewRow) -> PageViews:
    return PageViews(row.date, row.hour, row.page, row.view_count)


def _engagement(row: UserEngagementRow) -> UserEngagement:
    return UserEngagement(
        user_id=row.user_id,
        date=row.date,
        total_events=row.total_events,
        unique_pages=row.unique_pages,
        session_count=row.session_count,
        total_time_minutes=row.total_time_minutes,
        engagement_score=row.engagement_score,
    )


def _learning(row: LearningProgressRow) -> LearningProgress:
    return LearningProgress(
        user_id=row.user_id,
        subject=row.subject,
        week_start=row.week_start,
        lessons_completed=row.lessons_completed,
        time_spent_minutes=row.time_spent_minutes,
        average_score=row.average_score,
        topics_mastered=frozenset(row.topics_mastered),
    )
