"""Transcripts in PostgreSQL: rows that are committed with everything else.

Words are compared by the text search configuration "simple": lower case, no stemming and
no stop words, so that every language is treated alike.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from config.connections.postgresql import postgres_available
from config.tables import TableStore
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
_SEGMENT = ("speaker_name", "start_time", "end_time", "text", "speaker_id", "confidence")
_NOT_WORDS = str.maketrans("\0<>", "   ")
_SEGMENT_JSON = {name: name for name in _SEGMENT}

# PostgreSQL would take "<b and c>" for a tag and leave its words out.
_WORDS = "to_tsvector('simple', translate({}, '<>', '  '))"

# One statement for any number of segments; `n` is the position in the arrays.
_INSERT = f"""
    INSERT INTO transcript_segments (meeting_id, position, speaker_name, start_time, end_time,
                                     text, speaker_id, confidence, search)
    SELECT %s, n, speaker_name, start_time, end_time, text, speaker_id, confidence,
           {_WORDS.format("concat_ws(' ', text, lead(text) OVER (ORDER BY n))")}
    FROM unnest(%s::text[], %s::float8[], %s::float8[], %s::text[], %s::uuid[], %s::float8[])
         WITH ORDINALITY
         AS s (speaker_name, start_time, end_time, text, speaker_id, confidence, n)
"""  # noqa: S608 - built of constants

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

    @postgres_available()
    def save(self, transcript: Transcript) -> None:
        row = TranscriptRow(
            full_text=transcript.full_text,
            **{name: getattr(transcript, name) for name in _SUMMARY},
        )
        columns = [[getattr(s, name) for s in transcript.segments] for name in _SEGMENT]
        with transaction.atomic(), connection.cursor() as cursor:
            row.save()  # an upsert, whose row lock makes a second writer wait
            self._segments(row.meeting_id).delete()
            cursor.execute(_INSERT, [row.meeting_id, *columns])

    @postgres_available()
    def get(self, meeting_id: UUID) -> Transcript | None:
        # One query, so that a transcript that is replaced meanwhile is not read half and half.
        segments = self._segments(OuterRef("pk")).order_by("position")
        row = (
            TranscriptRow.objects.filter(pk=meeting_id)
            .annotate(parts=ArraySubquery(segments.values(part=JSONObject(**_SEGMENT_JSON))))
            .first()
        )
        if row is None:
            return None
        return Transcript(
            segments=tuple(_segment(part) for part in row.parts),
            full_text=row.full_text,
            **{name: getattr(row, name) for name in _SUMMARY},
        )

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

    def _segments(self, meeting_id: UUID | OuterRef) -> QuerySet[TranscriptSegmentRow]:
        return TranscriptSegmentRow.objects.filter(transcript_id=meeting_id)


def _segment(part: dict[str, Any]) -> TranscriptSegment:
    speaker_id = part.pop("speaker_id")
    return TranscriptSegment(speaker_id=UUID(speaker_id) if speaker_id else None, **part)


def _prefix_query(query: str) -> str:
    r"""Every word quoted, and matched as a beginning: `it's c\` is `'it''s':* & 'c\\':*`."""
    plain = query.translate(_NOT_WORDS).replace("\\", r"\\").replace("'", "''")
    return " & ".join(f"'{word}':*" for word in plain.split())
