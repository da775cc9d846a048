"""Transcripts in MongoDB: the spec's collection `transcripts`, one document for a meeting.

One that is larger than a document can be goes on in `transcript_parts`. Its parts are written
first, under a generation of their own; then the document of `transcripts` is switched to that
generation; then the parts of the one before are removed. So a reader finds all of the old or
all of the new, and a crash leaves nothing but parts that no document names. They are removed
when they are old enough that nobody can still be about to name them.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from heapq import nsmallest
from typing import Any
from uuid import UUID

import bson
from bson import ObjectId
from django.utils import timezone
from pymongo import UpdateOne, collection
from pymongo.errors import DuplicateKeyError

from config import limits
from config.connections import mongodb_schema as schema
from config.connections.mongodb import Document
from config.connections.mongodb_schema import Index, a, record, records
from config.connections.mongodb_store import MongoStore, id_of, upserted
from config.errors import StoreUnavailable
from meetings.stores.base import (
    Transcript,
    TranscriptHit,
    TranscriptSegment,
    TranscriptStore,
    TranscriptSummary,
)
from meetings.stores.mongodb_parts import cut, joined
from meetings.stores.snippet import snippet_around
from meetings.stores.words import Place, places, words_of

_SUMMARY = ("meeting_id", "word_count", "duration_seconds", "language", "created_at")
# Reading or writing while others replace the same transcript.
_ATTEMPTS = 5
_BUSY = "This transcript is being replaced again and again"

_SEGMENTS = records(
    {
        "speaker_id": a("string", "null"),
        "speaker_name": a("string"),
        "start_time": a("double"),
        "end_time": a("double"),
        "text": a("string"),
        "confidence": a("double", "null"),
    }
)

TRANSCRIPTS = schema.Collection(
    "transcripts",
    {
        "meeting_id": a("string"),
        "segments": _SEGMENTS,
        "full_text": a("string"),
        "word_count": a("int", "long"),
        "duration_seconds": a("int", "long"),
        "language": a("string"),
        "created_at": a("date"),
        "parts": record({"generation": a("objectId"), "count": a("int")}),
    },
    indexes=(Index((("meeting_id", 1),), unique=True),),
    optional=frozenset({"parts"}),
)
TRANSCRIPT_PARTS = schema.Collection(
    "transcript_parts",
    {
        "meeting_id": a("string"),
        "generation": a("objectId"),
        "position": a("int"),
        "segments": _SEGMENTS,
        "full_text": a("string"),
    },
    indexes=(Index((("meeting_id", 1), ("generation", 1), ("position", 1)), unique=True),),
)

Rank = tuple[bool, int, str, int]


class MongoTranscripts(MongoStore[Transcript], TranscriptStore):
    """A document for a meeting, and parts where it is too large."""

    collections = (TRANSCRIPTS, TRANSCRIPT_PARTS)

    @property
    def parts(self) -> collection.Collection[Document]:
        """The driver's collection of the parts."""
        return self.connection.database[TRANSCRIPT_PARTS.name]

    def save(self, transcript: Transcript) -> None:
        document = _document(transcript)
        with self.connection.available():
            generation = None
            if len(bson.encode(document)) > limits.MONGODB_DOCUMENT_MAX_BYTES:
                generation = ObjectId()
                document = self._save_parts(document, generation)
            before = _generation(self._switch(transcript.meeting_id, document))
            if generation or before:
                self._remove_parts(_key(transcript.meeting_id), before, kept=generation)

    def load(self, records: Sequence[Transcript]) -> None:
        writes = []
        # The last of each meeting is the one to keep.
        for transcript in {one.meeting_id: one for one in records}.values():
            document = _document(transcript)
            if len(bson.encode(document)) > limits.MONGODB_DOCUMENT_MAX_BYTES:
                self.save(transcript)
                continue
            # Parts that it had before are named by nobody then: `purge` sweeps them.
            change = {
                "$set": document,
                "$unset": {"parts": ""},
                "$setOnInsert": {"_id": id_of(transcript.meeting_id)},
            }
            writes.append(UpdateOne(_key(transcript.meeting_id), change, upsert=True))
        if writes:
            with self.connection.available():
                upserted(lambda: self.documents.bulk_write(writes, ordered=False))

    def get(self, meeting_id: UUID) -> Transcript | None:
        with self.connection.available():
            found = self._whole(self.documents.find_one(_key(meeting_id)))
        return _transcript(found) if found else None

    def delete(self, meeting_id: UUID) -> bool:
        key = _key(meeting_id)
        with self.connection.available():
            before = self.documents.find_one_and_delete(key, projection=["parts"])
            self._remove_parts(key, _generation(before))
        return before is not None

    def search(
        self, *, meeting_ids: Collection[UUID], query: str, limit: int
    ) -> list[TranscriptHit]:
        words = words_of(query)
        if not words or not meeting_ids:
            return []
        with self.connection.available():
            best = nsmallest(limit, self._places(meeting_ids, words), key=lambda one: one[0])
        return [_hit(rank[2], segment, place, query) for rank, segment, place in best]

    def page(
        self,
        *,
        meeting_ids: Collection[UUID] | None = None,
        after: UUID | None = None,
        limit: int,
    ) -> list[TranscriptSummary]:
        wanted: Document = {}
        if meeting_ids is not None:
            wanted["$in"] = [str(meeting_id) for meeting_id in meeting_ids]
        if after is not None:
            wanted["$gt"] = str(after)
        condition = {"meeting_id": wanted} if wanted else {}
        with self.connection.available():
            found = self.documents.find(condition, projection=_SUMMARY)
            rows = list(found.sort("meeting_id", 1).limit(limit))
        return [TranscriptSummary(**_summary(row)) for row in rows]

    def purge(self, now: datetime) -> int:
        """No transcript expires; parts that no document names are swept."""
        old = {"generation": {"$lt": _oldest_in_use(now)}}
        with self.connection.available():
            for meeting_id in self.parts.distinct("meeting_id", old):
                key = {"meeting_id": meeting_id}
                named = _generation(self.documents.find_one(key, projection=["parts"]))
                self.parts.delete_many({"$and": [key, old, {"generation": {"$ne": named}}]})
        return 0

    def _switch(self, meeting_id: UUID, document: Document) -> Document | None:
        """Put the document in place of the meeting's earlier one, and give which parts that had."""
        for _ in range(_ATTEMPTS):
            before = self.documents.find_one_and_replace(
                _key(meeting_id), document, projection=["parts"]
            )
            if before is not None:
                return before
            with suppress(DuplicateKeyError):  # another writer was first: replace that one
                self.documents.insert_one({"_id": id_of(meeting_id), **document})
                return None
        raise StoreUnavailable(_BUSY)

    def _save_parts(self, document: Document, generation: ObjectId) -> Document:
        """Write all parts but the first, and give the document that names them."""
        first, *others = cut(document, limits.TRANSCRIPT_PART_BYTES)
        for position, part in enumerate(others, start=1):
            self.parts.insert_one(
                {
                    "meeting_id": document["meeting_id"],
                    "generation": generation,
                    "position": position,
                    **part,
                }
            )
        return document | first | {"parts": {"generation": generation, "count": len(others)}}

    def _remove_parts(
        self, key: Document, generation: ObjectId | None, *, kept: ObjectId | None = None
    ) -> None:
        """The parts of one generation, and what crashes have left of this meeting.

        Not all but `kept`: another writer may have written parts that it will name next.
        """
        gone = {"$in": [generation]}
        orphaned = {"$lt": _oldest_in_use(timezone.now()), "$ne": kept}
        self.parts.delete_many({**key, "$or": [{"generation": gone}, {"generation": orphaned}]})

    def _whole(self, document: Document | None) -> Document | None:
        """The document with its parts; what is there now, if it was replaced meanwhile."""
        for _ in range(_ATTEMPTS):
            if document is None or "parts" not in document:
                return document
            key = {"meeting_id": document["meeting_id"]}
            generation, count = document["parts"]["generation"], document["parts"]["count"]
            parts = list(self.parts.find({**key, "generation": generation}).sort("position", 1))
            if len(parts) == count:
                return document | joined([document, *parts])
            document = self.documents.find_one(key)
        raise StoreUnavailable(_BUSY)

    def _places(
        self, meeting_ids: Collection[UUID], words: Sequence[str]
    ) -> Iterator[tuple[Rank, Document, Place]]:
        """Every place in these meetings where the words are, with what it is ordered by."""
        # The server leaves out the meetings that don't have every word. What it takes for a
        # letter differs, so it lets through a little more than `places` does.
        have: list[Document] = [
            {"segments.text": {"$regex": f"(?<![a-zA-Z0-9]){word}", "$options": "i"}}
            for word in words
        ]
        asked = {"meeting_id": {"$in": [str(meeting_id) for meeting_id in meeting_ids]}}
        large = {"meeting_id": {"$in": self._large_with(asked, have)}}
        condition = {**asked, "$or": [{"$and": have}, large]}
        fields = ["meeting_id", "segments", "parts"]
        for document in self.documents.find(condition, projection=fields):
            found = self._whole(document)
            if found is None:
                continue
            segments, meeting_id = found["segments"], found["meeting_id"]
            for place in places([segment["text"] for segment in segments], words):
                rank = (not place.own, -place.count, meeting_id, place.position)
                yield rank, segments[place.position], place

    def _large_with(self, asked: Document, have: Sequence[Document]) -> list[str]:
        """The meetings in parts that have every word, each somewhere: only they are read whole."""
        found = self.documents.distinct("meeting_id", {**asked, "parts": {"$exists": True}})
        for condition in have:
            if not found:
                break
            left = {"meeting_id": {"$in": found}, **condition}
            both = (self.documents, self.parts)
            found = list({one for where in both for one in where.distinct("meeting_id", left)})
        return found


def _key(meeting_id: UUID) -> Document:
    return {"meeting_id": str(meeting_id)}


def _generation(document: Document | None) -> ObjectId | None:
    parts = (document or {}).get("parts")
    return parts["generation"] if parts else None


def _oldest_in_use(now: datetime) -> ObjectId:
    """No save that is under way has a generation below this one: they begin with the time."""
    return ObjectId.from_datetime(now - limits.TRANSCRIPT_PART_ORPHAN_AGE)


def _document(transcript: Transcript) -> Document:
    # A few speakers say hundreds of segments.
    speakers = {one: one and str(one) for one in {s.speaker_id for s in transcript.segments}}
    return {
        "meeting_id": str(transcript.meeting_id),
        "segments": [
            {
                "speaker_id": speakers[segment.speaker_id],
                "speaker_name": segment.speaker_name,
                "start_time": float(segment.start_time),
                "end_time": float(segment.end_time),
                "text": segment.text,
                "confidence": None if segment.confidence is None else float(segment.confidence),
            }
            for segment in transcript.segments
        ],
        "full_text": transcript.full_text,
        "word_count": transcript.word_count,
        "duration_seconds": transcript.duration_seconds,
        "language": transcript.language,
        "created_at": transcript.created_at,
    }


def _transcript(document: Document) -> Transcript:
    segments = document["segments"]
    speakers = {one: one and UUID(one) for one in {s["speaker_id"] for s in segments}}
    return Transcript(
        segments=tuple(_segment(segment, speakers[segment["speaker_id"]]) for segment in segments),
        full_text=document["full_text"],
        **_summary(document),
    )


def _summary(document: Document) -> dict[str, Any]:
    found = {name: document[name] for name in _SUMMARY}
    return found | {"meeting_id": UUID(found["meeting_id"])}


def _segment(document: Document, speaker_id: UUID | None) -> TranscriptSegment:
    return TranscriptSegment(
        document["speaker_name"],
        document["start_time"],
        document["end_time"],
        document["text"],
        speaker_id,
        document["confidence"],
    )


def _hit(meeting_id: str, segment: Document, place: Place, query: str) -> TranscriptHit:
    speaker_id = segment["speaker_id"]
    return TranscriptHit(
        meeting_id=UUID(meeting_id),
        speaker_id=UUID(speaker_id) if speaker_id else None,
        speaker_name=segment["speaker_name"],
        start_time=segment["start_time"],
        end_time=segment["end_time"],
        snippet=snippet_around(place.text, query),
    )
