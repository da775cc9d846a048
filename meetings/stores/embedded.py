"""Transcripts in PostgreSQL: rows that are committed with everything else.

Words are compared by the text search configuration "simple": lower case, no stemming and
no stop words, so that every language is treated alike.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from config.connections.postgresql import postgres_available
from config.connections.postgresql_store import TableStore, columns_of, fetch, run
from meetings.stores.base import (
    Transcript,
    TranscriptHit,
    TranscriptSegment,
    TranscriptStore,
    TranscriptSummary,
)
from meetings.stores.embedded_models import TranscriptRow, TranscriptSegmentRow
from meetings.stores.snippet import snippet_around

_SUMMARY = ("meeting_id", "word_count", "duration_seconds", "language", "created_at")
_NOT_WORDS = str.maketrans("\0<>", "   ")

# PostgreSQL would take "<b and c>" for a tag and leave its words out.
_WORDS = "to_tsvector('simple', translate({}, '<>', '  '))"

_SAVE = """
    INSERT INTO transcripts (meeting_id, word_count, duration_seconds, language, created_at,
                             full_text)
    SELECT * FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::text[], %s::timestamptz[],
                         %s::text[])
    ON CONFLICT (meeting_id) DO UPDATE SET
        word_count = excluded.word_count,
        duration_seconds = excluded.duration_seconds,
        language = excluded.language,
        created_at = excluded.created_at,
        full_text = excluded.full_text
"""
_WITH_NEXT = "concat_ws(' ', text, lead(text) OVER (PARTITION BY meeting_id ORDER BY position))"
_SAVE_SEGMENTS = f"""
    INSERT INTO transcript_segments (meeting_id, position, speaker_name, start_time, end_time,
                                     text, speaker_id, confidence, search)
    SELECT *, {_WORDS.format(_WITH_NEXT)}
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::float8[], %s::float8[], %s::text[],
                %s::uuid[], %s::float8[])
         AS s (meeting_id, position, speaker_name, start_time, end_time, text, speaker_id,
               confidence)
"""  # noqa: S608 - built of constants

# The whole text comes with the first segment, or without any.
_GET = """
    SELECT t.meeting_id, word_count, duration_seconds, language, created_at,
           CASE WHEN coalesce(position, 1) = 1 THEN full_text END,
           speaker_name, start_time, end_time, text, speaker_id, confidence
    FROM transcripts t LEFT JOIN transcript_segments s ON s.meeting_id = t.meeting_id
    WHERE t.meeting_id = %s ORDER BY position
"""

# A segment that only leads up to the words (they are all in the next one) is no hit.
_SEARCH = f"""
    SELECT s.meeting_id, s.speaker_id, s.speaker_name, s.start_time, s.end_time,
           concat_ws(' ', s.text, CASE WHEN NOT own THEN n.text END)
    FROM to_tsquery('simple', %s) AS q
    JOIN transcript_segments s ON s.search @@ q
    CROSS JOIN LATERAL (SELECT {_WORDS.format("s.text")} @@ q AS own) AS o
    LEFT JOIN transcript_segments n
           ON n.meeting_id = s.meeting_id AND n.position = s.position + 1
    WHERE s.meeting_id = ANY(%s)
      AND (own OR NOT coalesce({_WORDS.format("n.text")} @@ q, false))
    ORDER BY own DESC, ts_rank(s.search, q) DESC, s.meeting_id, s.position
    LIMIT %s
"""  # noqa: S608 - built of constants


class PostgresTranscripts(TableStore[Transcript], TranscriptStore):
    """Transcripts beside the platform's own tables."""

    models = (TranscriptRow, TranscriptSegmentRow)

    def save(self, transcript: Transcript) -> None:
        self.load([transcript])

    @postgres_available()
    def load(self, records: Sequence[Transcript]) -> None:
        # The last of each meeting is the one to keep. In the order of their ids: two writers
        # can't wait for each other's rows.
        last = {transcript.meeting_id: transcript for transcript in records}
        transcripts = [last[meeting_id] for meeting_id in sorted(last)]
        segments = [row for one in transcripts for row in _segment_rows(one)]
        if not transcripts:
            return
        with transaction.atomic():
            # An upsert, whose row locks make a second writer wait.
            run(_SAVE, columns_of([_row(transcript) for transcript in transcripts]))
            run("DELETE FROM transcript_segments WHERE meeting_id = ANY(%s)", [list(last)])
            if segments:
                run(_SAVE_SEGMENTS, columns_of(segments))

    def get(self, meeting_id: UUID) -> Transcript | None:
        # One query, so that a transcript that is replaced meanwhile is not read half and half.
        rows = fetch(_GET, [meeting_id])
        if not rows:
            return None
        own = len(_SUMMARY) + 1  # the transcript's own columns
        *summary, full_text = rows[0][:own]
        segments = (TranscriptSegment(*row[own:]) for row in rows if row[own] is not None)
        values = (*summary, tuple(segments), full_text)
        return Transcript(*values)

    @postgres_available()
    def delete(self, meeting_id: UUID) -> bool:
        with transaction.atomic():
            self._segments(meeting_id).delete()
            removed, _ = TranscriptRow.objects.filter(pk=meeting_id).delete()
        return removed > 0

    @postgres_available()
    def search(
        self, *, meeting_ids: Collection[UUID], query: str, limit: int
    ) -> list[TranscriptHit]:
        words = _prefix_query(query)
        if not words or not meeting_ids:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_SEARCH, [words, list(meeting_ids), limit])
            found = [TranscriptHit(*row) for row in cursor.fetchall()]
        return [replace(hit, snippet=snippet_around(hit.snippet, query)) for hit in found]

    @postgres_available()
    def page(
        self,
        *,
        meeting_ids: Collection[UUID] | None = None,
        after: UUID | None = None,
        limit: int,
    ) -> list[TranscriptSummary]:
        rows = TranscriptRow.objects.order_by("pk")
        if meeting_ids is not None:
            rows = rows.filter(pk__in=meeting_ids)
        if after is not None:
            rows = rows.filter(pk__gt=after)
        return [TranscriptSummary(*values) for values in rows.values_list(*_SUMMARY)[:limit]]

    def _segments(self, meeting_id: UUID) -> QuerySet[TranscriptSegmentRow]:
        return TranscriptSegmentRow.objects.filter(transcript_id=meeting_id)


def _row(transcript: Transcript) -> tuple[Any, ...]:
    return (
        transcript.meeting_id,
        transcript.word_count,
        transcript.duration_seconds,
        transcript.language,
        transcript.created_at,
        transcript.full_text,
    )


def _segment_rows(transcript: Transcript) -> Iterator[tuple[Any, ...]]:
    for position, segment in enumerate(transcript.segments, start=1):
        yield (
            transcript.meeting_id,
            position,
            segment.speaker_name,
            segment.start_time,
            segment.end_time,
            segment.text,
            segment.speaker_id,
            segment.confidence,
        )


def _prefix_query(query: str) -> str:
    r"""Every word quoted, and matched as a beginning: `it's c\` is `'it''s':* & 'c\\':*`."""
    plain = query.translate(_NOT_WORDS).replace("\\", r"\\").replace("'", "''")
    return " & ".join(f"'{word}':*" for word in plain.split())
