"""The bare driver of Cassandra: a session of its own, prepared statements, rows as tuples.

Fair, because it is what a careful person would write for this one purpose: `execute` of a
prepared statement for one row, the driver's `execute_concurrent_with_args` for many, requests
that go to the node that has the row. It asks for no ids that are there already, which the
platform must know of events; and it has no records, no batches and no translated errors.
"""

import math
import socket
from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import UNSET_VALUE, tuple_factory

from bench.store_cases.base import Record, Side
from config import limits
from config.connections.urls import cassandra_address

ENGAGEMENT_DAYS = 30  # what `history` gives


class CassandraSide(Side[Record]):
    """One table."""

    WRITE: ClassVar[str]
    READ: ClassVar[str]

    def __init__(self, url: str) -> None:
        address = cassandra_address(url)
        profile = ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(address.datacenter)),
            consistency_level=ConsistencyLevel.LOCAL_QUORUM,
            row_factory=tuple_factory,
        )
        cluster = Cluster(
            list(address.hosts),
            protocol_version=address.protocol,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            # As the platform's: without it a request that leaves in parts waits for 40 ms.
            sockopts=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self._session = cluster.connect()
        self._write = self._session.prepare(self.WRITE.format(keyspace=address.keyspace))
        self._read = self._session.prepare(self.READ.format(keyspace=address.keyspace))

    def write(self, record: Record) -> None:
        self._session.execute(self._write, self._values(record))

    def write_batch(self, records: Sequence[Record]) -> None:
        rows = list(map(self._values, records))
        execute_concurrent_with_args(self._session, self._write, rows, concurrency=len(rows))

    @abstractmethod
    def _values(self, record: Record) -> tuple[Any, ...]:
        """The values of a write."""

    def _rows(self, *values: object) -> list[Any]:
        return self._session.execute(self._read, values).all()


class Events(CassandraSide[Any]):
    """An hour is a partition, and a row ends a week after the event."""

    WRITE = """
        INSERT INTO {keyspace}.events
            (partition_key, event_time, event_id, event_type, user_id, properties)
        VALUES (?, ?, ?, ?, ?, ?) USING TTL ?
    """
    READ = """
        SELECT event_id, event_time, event_type, user_id, properties FROM {keyspace}.events
        WHERE partition_key = ? LIMIT 1
    """

    def read(self, record: Any) -> object:
        return [
            (event_id, moment.replace(tzinfo=UTC), event_type, user_id, dict(properties or {}))
            for event_id, moment, event_type, user_id, properties in self._rows(
                record.event_time.strftime("%Y-%m-%d-%H")
            )
        ]

    def _values(self, record: Any) -> tuple[Any, ...]:
        left = record.event_time + limits.EVENT_RETENTION - datetime.now(UTC)
        return (
            record.event_time.strftime("%Y-%m-%d-%H"),
            record.event_time,
            record.event_id,
            record.event_type,
            UNSET_VALUE if record.user_id is None else record.user_id,
            record.properties or UNSET_VALUE,
            math.ceil(left.total_seconds()),
        )


class PageViewStats(CassandraSide[Any]):
    """Counters."""

    WRITE = """
        UPDATE {keyspace}.page_view_stats SET view_count = view_count + ?
        WHERE date = ? AND hour = ? AND page = ?
    """
    READ = "SELECT date, hour, page, view_count FROM {keyspace}.page_view_stats WHERE date = ?"

    def read(self, record: Any) -> object:
        rows = self._rows(record.date)
        return [(day.date(), hour, page, count) for day, hour, page, count in rows if count]

    def _values(self, record: Any) -> tuple[Any, ...]:
        return record.view_count, record.date, record.hour, record.page


class UserEngagement(CassandraSide[Any]):
    """Days of people, each person a partition."""

    WRITE = """
        INSERT INTO {keyspace}.user_engagement (user_id, date, total_events, unique_pages,
            session_count, total_time_minutes, engagement_score)
        VALUES (?, ?, ?, ?, ?, ?, ?)
    """
    READ = """
        SELECT user_id, date, total_events, unique_pages, session_count, total_time_minutes,
            engagement_score
        FROM {keyspace}.user_engagement WHERE user_id = ? LIMIT ?
    """

    def read(self, record: Any) -> object:
        rows = self._rows(record.user_id, ENGAGEMENT_DAYS)
        return [(user_id, day.date(), *numbers) for user_id, day, *numbers in rows]

    def _values(self, record: Any) -> tuple[Any, ...]:
        return (
            record.user_id,
            record.date,
            record.total_events,
            record.unique_pages,
            record.session_count,
            record.total_time_minutes,
            record.engagement_score,
        )


class LearningProgress(CassandraSide[Any]):
    """Weeks of people in subjects, each person's subject a partition."""

    WRITE = """
        INSERT INTO {keyspace}.learning_progress (user_id, subject, week_start, lessons_completed,
            time_spent_minutes, average_score, topics_mastered)
        VALUES (?, ?, ?, ?, ?, ?, ?)
    """
    READ = """
        SELECT user_id, subject, week_start, lessons_completed, time_spent_minutes,
            average_score, topics_mastered
        FROM {keyspace}.learning_progress WHERE user_id = ? AND subject = ?
    """

    def read(self, record: Any) -> object:
        return [
            (user_id, subject, week.date(), lessons, minutes, score, frozenset(topics or ()))
            for user_id, subject, week, lessons, minutes, score, topics in self._rows(
                record.user_id, record.subject
            )
        ]

    def _values(self, record: Any) -> tuple[Any, ...]:
        return (
            record.user_id,
            record.subject,
            record.week_start,
            record.lessons_completed,
            record.time_spent_minutes,
            record.average_score,
            record.topics_mastered,
        )


SIDES: dict[str, type[CassandraSide[Any]]] = {
    "events": Events,
    "page_view_stats": PageViewStats,
    "user_engagement": UserEngagement,
    "learning_progress": LearningProgress,
}
