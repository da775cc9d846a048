"""Events as rows of PostgreSQL."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from analytics.models import EventRow
from analytics.stores.events.base import Event, EventStore, partition_key
from analytics.stores.rows import execute
from config import limits
from config.connections.postgresql import postgres_available
from config.stores import Page
from config.tables import TableStore

_INSERT = """
INSERT INTO events (event_id, partition_key, event_time, event_type, user_id, properties)
SELECT * FROM unnest(
  %s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::uuid[], %s::jsonb[]
)
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id
"""
_CHUNK = 2000


class EmbeddedEventStore(TableStore[Event], EventStore):
    """The engine of a platform without Cassandra."""

    models = (EventRow,)

    def add(self, events: Sequence[Event]) -> set[UUID]:
        first = {event.event_id: event for event in reversed(events)}
        # In the order of the ids: two batches with the same ids can't wait for each other.
        rows = [first[event_id] for event_id in sorted(first)]
        columns = (
            [event.event_id for event in rows],
            [event.partition_key for event in rows],
            [event.event_time for event in rows],
            [event.event_type for event in rows],
            [event.user_id for event in rows],
            [json.dumps(dict(event.properties)) for event in rows],
        )
        return cast(set[UUID], set(execute(_INSERT, columns, returning=True)))

    def of_hour(
        self,
        hour: datetime,
        *,
        user_ids: Collection[UUID] | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        found = EventRow.objects.filter(partition_key=partition_key(hour))
        if user_ids is not None:
            found = found.filter(user_id__in=user_ids)
        found = found.order_by("-event_time", "event_id")
        with postgres_available():
            for row in found[:limit].iterator(chunk_size=_CHUNK):
                yield _event(row)

    def scan(self, *, after: str | None = None, limit: int) -> Page[Event]:
        rows = EventRow.objects.order_by("event_id")
        if after is not None:
            rows = rows.filter(event_id__gt=UUID(after))
        with postgres_available():
            events = [_event(row) for row in rows[:limit]]
        return Page(events, str(events[-1].event_id) if len(events) == limit else None)

    def purge(self, now: datetime) -> int:
        with postgres_available():
            return EventRow.objects.filter(event_time__lte=now - limits.EVENT_RETENTION).delete()[0]


def _event(row: EventRow) -> Event:
    return Event(row.event_id, row.event_time, row.event_type, row.user_id, row.properties)
