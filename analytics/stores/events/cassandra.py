"""Events in Cassandra: an hour is a partition, and rows end by themselves."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID
from zlib import crc32

from cassandra.query import UNSET_VALUE, BoundStatement
from django.core.exceptions import ImproperlyConfigured

from analytics.stores.events.base import Event, EventStore, partition_key
from config import limits
from config.connections.cassandra import PAGE
from config.connections.cassandra_batches import in_batches
from config.connections.cassandra_schema import Table
from config.connections.cassandra_store import CassandraStore

_INSERT = "INSERT INTO {table} ({columns}) VALUES (?, ?, ?, ?, ?, ?) USING TTL ?"
_THERE = """
SELECT event_id FROM {table} WHERE partition_key = ? AND (event_time, event_id) IN ?
"""
_PARTITION = "SELECT {columns} FROM {table} WHERE partition_key = ?"
_LAST = datetime.max.replace(tzinfo=UTC)
_KEYS = 100  # that one query looks for
_MORE = 5  # rows beyond a limit, to see where the millisecond of the last one ends


class CassandraEventStore(CassandraStore[Event], EventStore):
    """An hour has one partition, or `shards` of them where one would be written too often.

    With more than one shard the partition of an event is `YYYY-MM-DD-HH#07`: its number comes
    from the event's id. The plain partition is always read too, so the number may go up from
    one at any time. It may go up again: what was written before is still found, but an event
    that is sent again may be told to be new once more (it is read once all the same). It must
    not go down before the events of the higher shards have expired.
    """

    table = Table(
        name="events",
        columns={
            "partition_key": "text",
            "event_time": "timestamp",
            "event_id": "uuid",
            "event_type": "text",
            "user_id": "uuid",
            "properties": "map<text, text>",
        },
        partition=("partition_key",),
        clustering={"event_time": "DESC", "event_id": "ASC"},
        ttl=int(limits.EVENT_RETENTION.total_seconds()),
    )

    def __init__(self, *, shards: str = "1", **options: str) -> None:
        super().__init__(shards=shards, **options)
        if not shards.isdecimal() or not 1 <= int(shards) <= 100:
            raise ImproperlyConfigured(f"EVENT_SHARDS is wrong: {shards!r} is not 1 to 100")
        self._shards = int(shards)

    def add(self, events: Sequence[Event]) -> set[UUID]:
        """As the interface says; an event that is past its retention is gone at once.

        A failure may leave some of them written: sent again they are not new, so their page
        views are counted by the reconciler.
        """
        # The server counts from its own clock, whatever time it is in the demo school's past.
        now = datetime.now(UTC)
        first = {event.event_id: event for event in reversed(events)}
        partitions: dict[str, list[Event]] = defaultdict(list)
        for event in first.values():
            if _seconds_left(event, now) > 0:
                partitions[self._partition_of(event)].append(event)
        there = self._there(partitions)
        new = {
            key: [event for event in some if event.event_id not in there]
            for key, some in partitions.items()
        }
        self._connection.run(
            request
            for key, some in new.items()
            for request in in_batches(self._insert(key, event, now) for event in some)
        )
        return {event.event_id for some in new.values() for event in some}

    def of_hour(
        self,
        hour: datetime,
        *,
        user_ids: Collection[UUID] | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        if user_ids is not None and not user_ids:
            return iter(())
        if user_ids is None:
            return islice(self._of_hour(hour, PAGE if limit is None else limit + _MORE), limit)
        people = set(user_ids)
        theirs = (event for event in self._of_hour(hour, PAGE) if event.user_id in people)
        return islice(theirs, limit)

    def _of_hour(self, hour: datetime, size: int) -> Iterator[Event]:
        """The events of all the hour's partitions, in pages of `size`."""
        parts = [self._of_partition(key, size) for key in self._partitions(hour)]
        if len(parts) == 1:
            return parts[0]
        # One that was sent again after the shards had changed is in two of them.
        same = groupby(merge(*parts, key=_newest_first), key=_newest_first)
        return (next(events) for _, events in same)

    def _partitions(self, hour: datetime) -> list[str]:
        plain = partition_key(hour)
        if self._shards == 1:
            return [plain]
        return [plain, *(f"{plain}#{number:02d}" for number in range(self._shards))]

    def _partition_of(self, event: Event) -> str:
        if self._shards == 1:
            return event.partition_key
        return f"{event.partition_key}#{crc32(event.event_id.bytes) % self._shards:02d}"

    def _of_partition(self, key: str, size: int) -> Iterator[Event]:
        rows = self._connection.rows(self._bind(_PARTITION, key), size=size)
        # Cassandra sorts ids by their version first: the order within a millisecond is ours,
        # which is why no limit may be left to it.
        for _, same in groupby(rows, key=itemgetter(1)):
            yield from sorted(map(self._record, same), key=attrgetter("event_id"))

    def _there(self, partitions: dict[str, list[Event]]) -> set[UUID]:
        """The ids of those that are already there at their time."""
        queries = [
            self._bind(_THERE, key, [(event.event_time, event.event_id) for event in some])
            for key, events in partitions.items()
            for some in (events[at : at + _KEYS] for at in range(0, len(events), _KEYS))
        ]
        return {row[0] for rows in self._connection.run(queries) for row in rows}

    def _insert(self, key: str, event: Event, now: datetime) -> BoundStatement:
        return self._bind(
            _INSERT,
            key,
            event.event_time,
            event.event_id,
            event.event_type,
            # Unset, not null: a null would be written as a tombstone.
            UNSET_VALUE if event.user_id is None else event.user_id,
            dict(event.properties) or UNSET_VALUE,
            _seconds_left(event, now),
        )

    def _record(self, row: Sequence[Any]) -> Event:
        _, event_time, event_id, event_type, user_id, properties = row
        return Event(
            event_id,
            event_time.replace(tzinfo=UTC),
            event_type,
            user_id,
            dict(properties or {}),
        )


def _seconds_left(event: Event, now: datetime) -> int:
    """How long the event is kept from now on; not above 0 if its time is over."""
    return math.ceil((event.event_time + limits.EVENT_RETENTION - now).total_seconds())


def _newest_first(event: Event) -> tuple[timedelta, UUID]:
    return _LAST - event.event_time, event.event_id
