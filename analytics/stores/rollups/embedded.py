"""The rollups as rows of PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from analytics.models import LearningProgressRow, PageViewRow, UserEngagementRow
from analytics.stores.orm import OrmStore, available, execute
from analytics.stores.rollups.base import (
    LearningProgress,
    LearningProgressStore,
    PageHour,
    PageViews,
    PageViewStore,
    UserEngagement,
    UserEngagementStore,
)

_BATCH = 1000
_COUNT = """
INSERT INTO page_view_stats AS stats (date, hour, page, view_count)
SELECT * FROM unnest(%s::date[], %s::int[], %s::text[], %s::bigint[])
ON CONFLICT (date, hour, page) DO UPDATE SET view_count = stats.view_count + excluded.view_count
"""


class EmbeddedPageViewStore(OrmStore, PageViewStore):
    """Counters that the database adds up, so concurrent views are all counted."""

    model = PageViewRow

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
        with available():
            return [
                PageViews(row.date, row.hour, row.page, row.view_count)
                for row in rows.order_by("-hour", "page")
            ]


class EmbeddedUserEngagementStore(OrmStore, UserEngagementStore):
    """Days of people."""

    model = UserEngagementRow

    def save(self, rows: Iterable[UserEngagement]) -> None:
        with available():
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
        with available():
            for row in rows:
                found.setdefault(row.user_id, []).append(_engagement(row))
        return found


class EmbeddedLearningProgressStore(OrmStore, LearningProgressStore):
    """Weeks of people in subjects."""

    model = LearningProgressRow

    def save(self, rows: Iterable[LearningProgress]) -> None:
        ordered = sorted(rows, key=lambda row: (row.user_id, row.subject, row.week_start))
        with available():
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
        with available():
            return [_learning(row) for row in rows.order_by("-week_start")[:limit]]


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
