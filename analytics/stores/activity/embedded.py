"""The activity log as rows of PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from accounts.activity import Activity
from analytics.models import ActivityLogRow
from analytics.stores.activity.base import (
    ActivityLogStore,
    ActivityQuery,
    Position,
)
from config import limits
from config.connections.postgresql import postgres_available
from config.tables import TableStore


class EmbeddedActivityLogStore(TableStore[Activity], ActivityLogStore):
    """The engine of a platform without MongoDB."""

    models = (ActivityLogRow,)

    def add(self, entries: Sequence[Activity]) -> None:
        rows = [
            ActivityLogRow(
                id=entry.id,
                user_id=entry.user_id,
                action=entry.action,
                resource_type=entry.resource_type,
                resource_id=entry.resource_id,
                metadata=dict(entry.metadata),
                ip_address=entry.ip_address,
                user_agent=entry.user_agent,
                timestamp=entry.timestamp,
            )
            for entry in entries
        ]
        with postgres_available():
            ActivityLogRow.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)

    def find(
        self, query: ActivityQuery, *, limit: int, after: Position | None = None
    ) -> list[Activity]:
        found = ActivityLogRow.objects.filter(_condition(query))
        if after is not None:
            found = found.filter(
                Q(timestamp__lt=after.timestamp) | Q(timestamp=after.timestamp, id__lt=after.id)
            )
        with postgres_available():
            return [_entry(row) for row in found.order_by("-timestamp", "-id")[:limit]]

    def purge(self, now: datetime) -> int:
        expired = ActivityLogRow.objects.filter(timestamp__lte=now - limits.ACTIVITY_LOG_RETENTION)
        with postgres_available():
            return expired.delete()[0]


def _condition(query: ActivityQuery) -> Q:
    condition = Q()
    if query.user_ids is not None:
        condition &= Q(user_id__in=query.user_ids)
    if query.action is not None:
        condition &= Q(action=query.action)
    if query.resource_type is not None:
        condition &= Q(resource_type=query.resource_type)
    if query.since is not None:
        condition &= Q(timestamp__gte=query.since)
    if query.until is not None:
        condition &= Q(timestamp__lt=query.until)
    return condition


def _entry(row: ActivityLogRow) -> Activity:
    return Activity(
        id=row.id,
        user_id=str(row.user_id) if row.user_id else None,
        action=row.action,
        resource_type=row.resource_type,
        resource_id=row.resource_id,
        timestamp=row.timestamp,
        metadata=row.metadata,
        ip_address=row.ip_address,
        user_agent=row.user_agent,
    )
