"""Events as rows of PostgreSQL."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics.models import EventRow
from analytics.stores.events.base import Event, EventStore, partition_key
from config import limits
from config.connections.postgresql import postgres_available
from config.connections.postgresql_store import TableStore, columns_of, fetch
from config.stores import Page

_INSERT = """
INSERT INTO events (event_id, partition_key, event_time, event_type, user_id, properties)
SELECT * FROM unnest(
  %s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::uuid[], %s::jsonb[]
)
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id
"""
_SELECT = "SELECT event_id, event_time, event_type, user_id, properties FROM events"
_CHUNK = 2000


class EmbeddedEventStore(TableStore[Event], EventStore):
    """The engine of a platform without Cassandra."""

    models = (EventRow,)

    def add(self, events: Sequence[Event]) -> set[UUID]:
        first = {event.event_id: event for event in reversed(events)}
        # In the order of the ids: two batches with the same ids can't wait for each other.
        rows = [_row(first[event_id]) for event_id in sorted(first)]
        return {row[0] for row in fetch(_INSERT, columns_of(rows))} if rows else set()

    def of_hour(
        self,
        hour: datetime,
        *,
        user_ids: Collection[UUID] | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        condition = "partition_key = %s"
        values: list[Any] = [partition_key(hour)]
        if user_ids is not None:
            condition += " AND user_id = ANY(%s)"
            values.append(list(user_ids))
        last: Event | None = None
        while limit is None or limit > 0:
            size = _CHUNK if limit is None else min(limit, _CHUNK)
            events = _events(condition, values, last, size)
            yield from events
            if len(events) < size:
                return
            last, limit = events[-1], limit and limit - size

    def scan(self, *, after: str | None = None, limit: int) -> Page[Event]:
        condition = "event_id > %s" if after else "true"
        rows = fetch(
            f"{_SELECT} WHERE {condition} ORDER BY event_id LIMIT %s",
            [*([UUID(after)] if after else []), limit],
        )
        return Page([Event(*row) for row in rows], str(rows[-1][0]) if len(rows) == limit else None)

    def purge(self, now: datetime) -> int:
        with postgres_available():
            return EventRow.objects.filter(event_time__lte=now - limits.EVENT_RETENTION).delete()[0]


def _events(
    condition: str, values: Sequence[object], after: Event | None, limit: int
) -> list[Event]:
    """Some of an hour's events, after an event."""
    if after is not None:
        condition += " AND event_time <= %s AND (event_time < %s OR event_id > %s)"
        values = [*values, after.event_time, after.event_time, after.event_id]
    rows = fetch(
        f"{_SELECT} WHERE {condition} ORDER BY event_time DESC, event_id LIMIT %s",
        [*values, limit],
    )
    return [Event(*row) for row in rows]


def _row(event: Event) -> tuple[Any, ...]:
    return (
        event.event_id,
        event.partition_key,
        event.event_time,
        event.event_type,
        event.user_id,
        json.dumps(dict(event.properties)),
    )
