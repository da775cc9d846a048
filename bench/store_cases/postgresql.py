"""The bare driver of PostgreSQL: a connection of its own and the SQL that the work needs.

Fair, because it is what a careful person would write for this one purpose: prepared statements,
one round trip for a read and for a single write, one statement for any number of rows (arrays), a
transaction only where several statements belong together, answers in binary. JSON is encoded and
decoded, and the rows come back as Python's own values; there are no records, no pools, no
translated errors and no checks.
"""

import json
from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import psycopg

from bench.store_cases.base import Record, Side

ENGAGEMENT_DAYS = 30  # what `history` gives


class PostgresSide(Side[Record]):
    """One table; `WRITE` takes a row's values, `WRITE_BATCH` its columns as arrays."""

    WRITE: ClassVar[str]
    WRITE_BATCH: ClassVar[str]

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")

    def write(self, record: Record) -> None:
        self._connection.execute(self.WRITE, self._row(record), prepare=True)

    def write_batch(self, records: Sequence[Record]) -> None:
        columns = list(map(list, zip(*map(self._row, records), strict=True)))
        self._connection.execute(self.WRITE_BATCH, columns, prepare=True)

    @abstractmethod
    def _row(self, record: Record) -> tuple[Any, ...]:
        """The values of a row."""

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return self._connection.execute(sql, values, prepare=True, binary=True).fetchall()


class Transcripts(PostgresSide[Any]):
    """Two tables, so writes are transactions."""

    WRITE = """
        INSERT INTO transcripts
            (meeting_id, word_count, duration_seconds, language, created_at, full_text)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (meeting_id) DO UPDATE SET word_count = excluded.word_count,
            duration_seconds = excluded.duration_seconds, language = excluded.language,
            created_at = excluded.created_at, full_text = excluded.full_text
    """
    WRITE_BATCH = WRITE.replace(
        "VALUES (%s, %s, %s, %s, %s, %s)",
        "SELECT * FROM"
        " unnest(%s::uuid[], %s::int[], %s::int[], %s::text[], %s::timestamptz[], %s::text[])",
    )
    CLEAR = "DELETE FROM transcript_segments WHERE meeting_id = ANY(%s)"
    SEGMENTS = """
        INSERT INTO transcript_segments (meeting_id, position, speaker_name, start_time, end_time,
                                         text, speaker_id, confidence, search)
        SELECT *, to_tsvector('simple', translate(concat_ws(' ', text,
               lead(text) OVER (PARTITION BY meeting_id ORDER BY position)), '<>', '  '))
        FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::float8[], %s::float8[], %s::text[],
                    %s::uuid[], %s::float8[])
             AS s (meeting_id, position, speaker_name, start_time, end_time, text, speaker_id,
                   confidence)
    """
    READ = """
        SELECT t.meeting_id, word_count, duration_seconds, language, created_at,
            CASE WHEN position = 1 THEN full_text END,
            speaker_name, start_time, end_time, text, speaker_id, confidence
        FROM transcripts t JOIN transcript_segments s ON s.meeting_id = t.meeting_id
        WHERE t.meeting_id = %s ORDER BY position
    """

    def write(self, record: Any) -> None:
        with self._connection.transaction():
            self._connection.execute(self.WRITE, self._row(record), prepare=True)
            self._write_segments([record])

    def write_batch(self, records: Sequence[Any]) -> None:
        with self._connection.transaction():
            super().write_batch(records)
            self._write_segments(records)

    def read(self, record: Any) -> object:
        rows = self._rows(self.READ, record.meeting_id)
        *summary, full_text = rows[0][:6]
        return (*summary, tuple(row[6:] for row in rows), full_text)

    def _row(self, record: Any) -> tuple[Any, ...]:
        return (
            record.meeting_id,
            record.word_count,
            record.duration_seconds,
            record.language,
            record.created_at,
            record.full_text,
        )

    def _write_segments(self, records: Sequence[Any]) -> None:
        self._connection.execute(self.CLEAR, [[one.meeting_id for one in records]], prepare=True)
        rows = (
            (
                one.meeting_id,
                position,
                segment.speaker_name,
                segment.start_time,
                segment.end_time,
                segment.text,
                segment.speaker_id,
                segment.confidence,
            )
            for one in records
            for position, segment in enumerate(one.segments, start=1)
        )
        columns = list(map(list, zip(*rows, strict=True)))
        self._connection.execute(self.SEGMENTS, columns, prepare=True)


class ProctoringReports(PostgresSide[Any]):
    """Violations and snapshots are JSON."""

    WRITE = """
        INSERT INTO proctoring_reports (session_id, user_id, assessment_id, integrity_score,
            risk_level, started_at, ended_at, violations, frame_snapshots)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)
        ON CONFLICT (session_id) DO UPDATE SET user_id = excluded.user_id,
            assessment_id = excluded.assessment_id, integrity_score = excluded.integrity_score,
            risk_level = excluded.risk_level, started_at = excluded.started_at,
            ended_at = excluded.ended_at, violations = excluded.violations,
            frame_snapshots = excluded.frame_snapshots
    """
    WRITE_BATCH = WRITE.replace(
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)",
        "SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::float8[], %s::text[],"
        " %s::timestamptz[], %s::timestamptz[], %s::jsonb[], %s::jsonb[])",
    )
    READ = """
        SELECT session_id, user_id, assessment_id, integrity_score, risk_level, started_at,
            ended_at, violations, frame_snapshots
        FROM proctoring_reports WHERE session_id = %s
    """

    def read(self, record: Any) -> object:
        [(*values, violations, snapshots)] = self._rows(self.READ, record.session_id)
        return (
            *values,
            tuple(
                (one["type"], datetime.fromisoformat(one["timestamp"]), one["details"])
                for one in violations
            ),
            tuple(
                (
                    datetime.fromisoformat(one["timestamp"]),
                    one["image_url"],
                    tuple(one["violations"]),
                )
                for one in snapshots
            ),
        )

    def _row(self, record: Any) -> tuple[Any, ...]:
        violations = [
            {
                "type": one.type,
                "timestamp": one.timestamp.isoformat(),
                "details": one.details,
            }
            for one in record.violations
        ]
        snapshots = [
            {
                "timestamp": one.timestamp.isoformat(),
                "image_url": one.image_url,
                "violations": one.violations,
            }
            for one in record.frame_snapshots
        ]
        return (
            record.session_id,
            record.user_id,
            record.assessment_id,
            record.integrity_score,
            record.risk_level,
            record.started_at,
            record.ended_at,
            json.dumps(violations),
            json.dumps(snapshots),
        )


class ActivityLogs(PostgresSide[Any]):
    """Entries that are there already stay as they are."""

    WRITE = """
        INSERT INTO activity_logs (user_id, action, resource_type, resource_id, timestamp,
            metadata, ip_address, user_agent, id)
        VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::inet, %s, %s) ON CONFLICT DO NOTHING
    """
    WRITE_BATCH = WRITE.replace(
        "VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::inet, %s, %s)",
        "SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],"
        " %s::jsonb[], %s::inet[], %s::text[], %s::text[])",
    )
    READ = """
        SELECT user_id::text, action, resource_type, resource_id, timestamp, metadata,
            host(ip_address), user_agent, id
        FROM activity_logs WHERE user_id = %s ORDER BY timestamp DESC, id DESC LIMIT 1
    """

    def read(self, record: Any) -> object:
        return self._rows(self.READ, record.user_id)

    def _row(self, record: Any) -> tuple[Any, ...]:
        return (
            record.user_id,
            record.action,
            record.resource_type,
            record.resource_id,
            record.timestamp,
            json.dumps(record.metadata),
            record.ip_address,
            record.user_agent,
            record.id,
        )


class Events(PostgresSide[Any]):
    """Which ones are new comes back."""

    WRITE = """
        INSERT INTO events (event_id, event_time, event_type, user_id, properties, partition_key)
        VALUES (%s, %s, %s, %s, %s::jsonb, %s) ON CONFLICT (event_id) DO NOTHING
        RETURNING event_id
    """
    WRITE_BATCH = WRITE.replace(
        "VALUES (%s, %s, %s, %s, %s::jsonb, %s)",
        "SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::uuid[], %s::jsonb[],"
        " %s::text[])",
    )
    READ = """
        SELECT event_id, event_time, event_type, user_id, properties FROM events
        WHERE partition_key = %s ORDER BY event_time DESC, event_id LIMIT 1
    """

    def write(self, record: Any) -> None:
        self._rows(self.WRITE, *self._row(record))

    def write_batch(self, records: Sequence[Any]) -> None:
        columns = map(list, zip(*map(self._row, records), strict=True))
        {row[0] for row in self._rows(self.WRITE_BATCH, *columns)}

    def read(self, record: Any) -> object:
        return self._rows(self.READ, record.event_time.strftime("%Y-%m-%d-%H"))

    def _row(self, record: Any) -> tuple[Any, ...]:
        return (
            record.event_id,
            record.event_time,
            record.event_type,
            record.user_id,
            json.dumps(record.properties),
            record.event_time.strftime("%Y-%m-%d-%H"),
        )


class PageViewStats(PostgresSide[Any]):
    """Counters."""

    WRITE = """
        INSERT INTO page_view_stats AS stats (date, hour, page, view_count)
        VALUES (%s, %s, %s, %s) ON CONFLICT (date, hour, page)
        DO UPDATE SET view_count = stats.view_count + excluded.view_count
    """
    WRITE_BATCH = WRITE.replace(
        "VALUES (%s, %s, %s, %s)",
        "SELECT * FROM unnest(%s::date[], %s::int[], %s::text[], %s::bigint[])",
    )
    READ = """
        SELECT date, hour, page, view_count FROM page_view_stats
        WHERE date = %s AND view_count <> 0 ORDER BY hour DESC, page
    """

    def read(self, record: Any) -> object:
        return self._rows(self.READ, record.date)

    def _row(self, record: Any) -> tuple[Any, ...]:
        return record.date, record.hour, record.page, record.view_count


class UserEngagement(PostgresSide[Any]):
    """Days of people."""

    WRITE = """
        INSERT INTO user_engagement (user_id, date, total_events, unique_pages, session_count,
            total_time_minutes, engagement_score)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (user_id, date) DO UPDATE SET total_events = excluded.total_events,
            unique_pages = excluded.unique_pages, session_count = excluded.session_count,
            total_time_minutes = excluded.total_time_minutes,
            engagement_score = excluded.engagement_score
    """
    WRITE_BATCH = WRITE.replace(
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        "SELECT * FROM unnest(%s::uuid[], %s::date[], %s::bigint[], %s::int[], %s::int[],"
        " %s::int[], %s::float8[])",
    )
    READ = """
        SELECT user_id, date, total_events, unique_pages, session_count, total_time_minutes,
            engagement_score
        FROM user_engagement WHERE user_id = %s ORDER BY date DESC LIMIT %s
    """

    def read(self, record: Any) -> object:
        return self._rows(self.READ, record.user_id, ENGAGEMENT_DAYS)

    def _row(self, record: Any) -> tuple[Any, ...]:
        return (
            record.user_id,
            record.date,
            record.total_events,
            record.unique_pages,
            record.session_count,
            record.total_time_minutes,
            record.engagement_score,
        )


class LearningProgress(PostgresSide[Any]):
    """Weeks of people in subjects; arrays of different lengths can't be unnested, so JSON."""

    WRITE = """
        INSERT INTO learning_progress (user_id, subject, week_start, lessons_completed,
            time_spent_minutes, average_score, topics_mastered)
        SELECT user_id, subject, week_start, lessons, minutes, score,
            ARRAY(SELECT json_array_elements_text(topics))
        FROM (VALUES (%s, %s, %s, %s, %s, %s::float8, %s::json))
            AS new (user_id, subject, week_start, lessons, minutes, score, topics)
        ON CONFLICT (user_id, subject, week_start) DO UPDATE SET
            lessons_completed = excluded.lessons_completed,
            time_spent_minutes = excluded.time_spent_minutes,
            average_score = excluded.average_score, topics_mastered = excluded.topics_mastered
    """
    WRITE_BATCH = WRITE.replace(
        "(VALUES (%s, %s, %s, %s, %s, %s::float8, %s::json))",
        "unnest(%s::uuid[], %s::text[], %s::date[], %s::int[], %s::int[], %s::float8[],"
        " %s::json[])",
    )
    READ = """
        SELECT user_id, subject, week_start, lessons_completed, time_spent_minutes,
            average_score, topics_mastered
        FROM learning_progress WHERE user_id = %s AND subject = %s ORDER BY week_start DESC
    """

    def read(self, record: Any) -> object:
        rows = self._rows(self.READ, record.user_id, record.subject)
        return [(*values, frozenset(topics)) for *values, topics in rows]

    def _row(self, record: Any) -> tuple[Any, ...]:
        return (
            record.user_id,
            record.subject,
            record.week_start,
            record.lessons_completed,
            record.time_spent_minutes,
            record.average_score,
            json.dumps(list(record.topics_mastered)),
        )


SIDES: dict[str, type[PostgresSide[Any]]] = {
    "transcripts": Transcripts,
    "proctoring_reports": ProctoringReports,
    "activity_logs": ActivityLogs,
    "events": Events,
    "page_view_stats": PageViewStats,
    "user_engagement": UserEngagement,
    "learning_progress": LearningProgress,
}
