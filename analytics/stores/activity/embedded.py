"""The activity log as rows of PostgreSQL."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from accounts.activity import Activity
from analytics.models import ActivityLogRow
from analytics.stores.activity.base import (
    ActivityLogStore,
    ActivityQuery,
    Position,
)
from config import limits
from config.connections.postgresql import postgres_available
from config.connections.postgresql_store import TableStore, columns_of, fetch, run

_INSERT = """
INSERT INTO activity_logs (id, user_id, action, resource_type, resource_id, metadata, ip_address,
                           user_agent, timestamp)
SELECT * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::jsonb[],
                     %s::inet[], %s::text[], %s::timestamptz[])
ON CONFLICT DO NOTHING
"""
_SELECT = """
SELECT user_id::text, action, resource_type, resource_id, timestamp, metadata, host(ip_address),
       user_agent, id
FROM activity_logs
"""


class EmbeddedActivityLogStore(TableStore[Activity], ActivityLogStore):
    """The engine of a platform without MongoDB."""

    models = (ActivityLogRow,)

    def add(self, entries: Sequence[Activity]) -> None:
        if entries:
            run(_INSERT, columns_of([_row(entry) for entry in entries]))

    def find(
        self, query: ActivityQuery, *, limit: int, after: Position | None = None
    ) -> list[Activity]:
        conditions = dict(_conditions(query))
        if after is not None:
            conditions["(timestamp, id) < (%s, %s)"] = after.timestamp, after.id
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        values = [value for some in conditions.values() for value in some]
        rows = fetch(
            f"{_SELECT} {where} ORDER BY timestamp DESC, id DESC LIMIT %s", [*values, limit]
        )
        return [Activity(*row) for row in rows]

    def purge(self, now: datetime) -> int:
        expired = ActivityLogRow.objects.filter(timestamp__lte=now - limits.ACTIVITY_LOG_RETENTION)
        with postgres_available():
            return expired.delete()[0]


def _conditions(query: ActivityQuery) -> Iterator[tuple[str, tuple[object, ...]]]:
    """What an entry must fulfil, and the values in it."""
    if query.user_ids is not None:
        people = list(query.user_ids)
        # One person's entries come out of the index in their order.
        yield (
            ("user_id = %s", (people[0],))
            if len(people) == 1
            else (
                "user_id = ANY(%s::uuid[])",
                (people,),
            )
        )
    if query.action is not None:
        yield "action = %s", (query.action,)
    if query.resource_type is not None:
        yield "resource_type = %s", (query.resource_type,)
    if query.since is not None:
        yield "timestamp >= %s", (query.since,)
    if query.until is not None:
        yield "timestamp < %s", (query.until,)


def _row(entry: Activity) -> tuple[Any, ...]:
    return (
        entry.id,
        entry.user_id,
        entry.action,
        entry.resource_type,
        entry.resource_id,
        json.dumps(dict(entry.metadata)),
        entry.ip_address,
        entry.user_agent,
        entry.timestamp,
    )
