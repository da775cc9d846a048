"""The bare driver of MongoDB: a client of its own, and the documents that the spec wants.

Fair, because it is what a careful person would write for this one purpose: an upsert where a
record may be there already, unordered bulk writes, ids and moments in the spec's own types.
Documents are made of the records and taken apart again; there are no records, no size checks, no
parts and no translated errors.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC
from typing import Any, ClassVar
from uuid import UUID

from bson import ObjectId
from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReplaceOne

from bench.store_cases.base import Record, Side

Document = dict[str, Any]

_CODEC: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)


class MongoSide(Side[Record]):
    """One collection, and the field that a record is found by."""

    COLLECTION: ClassVar[str]
    KEY: ClassVar[str]

    def __init__(self, url: str) -> None:
        client: MongoClient[Document] = MongoClient(url)
        database = client.get_default_database(codec_options=_CODEC)
        self._documents = database[self.COLLECTION]

    def write(self, record: Record) -> None:
        document = self._document(record)
        self._documents.replace_one({self.KEY: document[self.KEY]}, document, upsert=True)

    def write_batch(self, records: Sequence[Record]) -> None:
        documents = map(self._document, records)
        self._documents.bulk_write(
            [ReplaceOne({self.KEY: one[self.KEY]}, one, upsert=True) for one in documents],
            ordered=False,
        )

    @abstractmethod
    def _document(self, record: Record) -> Document:
        """The spec's document."""


class Transcripts(MongoSide[Any]):
    """A document for a meeting."""

    COLLECTION = "transcripts"
    KEY = "meeting_id"

    def read(self, record: Any) -> object:
        found = self._documents.find_one({self.KEY: str(record.meeting_id)})
        assert found is not None
        return (
            UUID(found["meeting_id"]),
            found["word_count"],
            found["duration_seconds"],
            found["language"],
            found["created_at"],
            tuple(
                (
                    one["speaker_name"],
                    one["start_time"],
                    one["end_time"],
                    one["text"],
                    one["speaker_id"] and UUID(one["speaker_id"]),
                    one["confidence"],
                )
                for one in found["segments"]
            ),
            found["full_text"],
        )

    def _document(self, record: Any) -> Document:
        return {
            "meeting_id": str(record.meeting_id),
            "segments": [
                {
                    "speaker_id": one.speaker_id and str(one.speaker_id),
                    "speaker_name": one.speaker_name,
                    "start_time": one.start_time,
                    "end_time": one.end_time,
                    "text": one.text,
                    "confidence": one.confidence,
                }
                for one in record.segments
            ],
            "full_text": record.full_text,
            "word_count": record.word_count,
            "duration_seconds": record.duration_seconds,
            "language": record.language,
            "created_at": record.created_at,
        }


class ProctoringReports(MongoSide[Any]):
    """A document for a session."""

    COLLECTION = "proctoring_reports"
    KEY = "session_id"

    def read(self, record: Any) -> object:
        found = self._documents.find_one({self.KEY: str(record.session_id)})
        assert found is not None
        return (
            UUID(found["session_id"]),
            UUID(found["user_id"]),
            UUID(found["assessment_id"]),
            found["integrity_score"],
            found["risk_level"],
            found["started_at"],
            found["ended_at"],
            tuple((one["type"], one["timestamp"], one["details"]) for one in found["violations"]),
            tuple(
                (one["timestamp"], one["image_url"], tuple(one["violations"]))
                for one in found["frame_snapshots"]
            ),
        )

    def _document(self, record: Any) -> Document:
        return {
            "session_id": str(record.session_id),
            "user_id": str(record.user_id),
            "assessment_id": str(record.assessment_id),
            "integrity_score": record.integrity_score,
            "risk_level": record.risk_level,
            "started_at": record.started_at,
            "ended_at": record.ended_at,
            "violations": [
                {"type": one.type, "timestamp": one.timestamp, "details": one.details}
                for one in record.violations
            ],
            "frame_snapshots": [
                {
                    "timestamp": one.timestamp,
                    "image_url": one.image_url,
                    "violations": one.violations,
                }
                for one in record.frame_snapshots
            ],
        }


class ActivityLogs(MongoSide[Any]):
    """Appended to, so nothing is looked for at a write."""

    COLLECTION = "activity_logs"
    KEY = "_id"

    def write(self, record: Any) -> None:
        self._documents.insert_one(self._document(record))

    def write_batch(self, records: Sequence[Any]) -> None:
        self._documents.insert_many(list(map(self._document, records)), ordered=False)

    def read(self, record: Any) -> object:
        found = self._documents.find({"user_id": record.user_id})
        return [
            (
                one["user_id"],
                one["action"],
                one["resource_type"],
                one["resource_id"],
                one["timestamp"],
                one["metadata"],
                one["ip_address"],
                one["user_agent"],
                str(one["_id"]),
            )
            for one in found.sort("timestamp", -1).limit(1)
        ]

    def _document(self, record: Any) -> Document:
        return {
            "_id": ObjectId(record.id),
            "user_id": record.user_id,
            "action": record.action,
            "resource_type": record.resource_type,
            "resource_id": record.resource_id,
            "metadata": record.metadata,
            "ip_address": record.ip_address,
            "user_agent": record.user_agent,
            "timestamp": record.timestamp,
        }


SIDES: dict[str, type[MongoSide[Any]]] = {
    "transcripts": Transcripts,
    "proctoring_reports": ProctoringReports,
    "activity_logs": ActivityLogs,
}
