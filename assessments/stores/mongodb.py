"""Proctoring reports in MongoDB: the spec's collection `proctoring_reports`."""

from collections.abc import Collection, Sequence
from uuid import UUID

from pymongo import UpdateOne

from assessments.stores.base import (
    FrameSnapshot,
    Position,
    ProctoringReport,
    ProctoringReports,
    Violation,
)
from config import limits
from config.connections import mongodb_schema as schema
from config.connections.mongodb import Document
from config.connections.mongodb_schema import Index, a, records
from config.connections.mongodb_store import MongoStore, as_given, id_of, upserted

_DESCENDING = [("started_at", -1), ("session_id", -1)]

PROCTORING_REPORTS = schema.Collection(
    "proctoring_reports",
    {
        "session_id": a("string"),
        "user_id": a("string"),
        "assessment_id": a("string"),
        "integrity_score": a("double"),
        "risk_level": a("string"),
        "started_at": a("date"),
        "ended_at": a("date"),
        "violations": records(
            {"type": a("string"), "timestamp": a("date"), "details": a("object")}
        ),
        "frame_snapshots": records(
            {"timestamp": a("date"), "image_url": a("string"), "violations": a("array")}
        ),
    },
    indexes=(
        Index((("session_id", 1),), unique=True),
        Index((("assessment_id", 1), *_DESCENDING)),
        Index((("user_id", 1),)),
    ),
)


class MongoProctoringReports(MongoStore[ProctoringReport], ProctoringReports):
    """One document for a session."""

    collections = (PROCTORING_REPORTS,)

    def save(self, report: ProctoringReport) -> None:
        with self.connection.available():
            upserted(lambda: self.documents.update_one(*_written(report), upsert=True))

    def load(self, records: Sequence[ProctoringReport]) -> None:
        if not records:
            return
        # The last of each session is the one to keep.
        last = {report.session_id: report for report in records}
        with self.connection.available():
            writes = [UpdateOne(*_written(report), upsert=True) for report in last.values()]
            upserted(lambda: self.documents.bulk_write(writes, ordered=False))

    def get(self, session_id: UUID) -> ProctoringReport | None:
        with self.connection.available():
            found = self.documents.find_one({"session_id": str(session_id)})
        return _report(found) if found else None

    def find(
        self,
        *,
        assessment_ids: Collection[UUID],
        user_id: UUID | None = None,
        risk_level: str | None = None,
        after: Position | None = None,
        limit: int = limits.PAGE_SIZE,
    ) -> list[ProctoringReport]:
        condition: Document = {"assessment_id": {"$in": [str(one) for one in assessment_ids]}}
        if user_id is not None:
            condition["user_id"] = str(user_id)
        if risk_level is not None:
            condition["risk_level"] = risk_level
        if after is not None:
            started_at, session_id = after
            # The first line is what the index can begin with.
            condition["started_at"] = {"$lte": started_at}
            condition["$or"] = [
                {"started_at": {"$lt": started_at}},
                {"session_id": {"$lt": str(session_id)}},
            ]
        with self.connection.available():
            found = list(self.documents.find(condition).sort(_DESCENDING).limit(limit))
        return [_report(document) for document in found]

    def delete(self, session_id: UUID) -> bool:
        with self.connection.available():
            return self.documents.delete_one({"session_id": str(session_id)}).deleted_count > 0

    def delete_of_user(self, user_id: UUID) -> int:
        with self.connection.available():
            return self.documents.delete_many({"user_id": str(user_id)}).deleted_count

    def page(self, *, after: UUID | None = None, limit: int) -> list[ProctoringReport]:
        condition = {"session_id": {"$gt": str(after)}} if after else {}
        with self.connection.available():
            found = list(self.documents.find(condition).sort("session_id", 1).limit(limit))
        return [_report(document) for document in found]


def _written(report: ProctoringReport) -> tuple[Document, Document]:
    """Which document an upsert is for, and what it does."""
    document = _document(report)
    key = {"session_id": document["session_id"]}
    return key, {"$set": document, "$setOnInsert": {"_id": id_of(report.session_id)}}


def _document(report: ProctoringReport) -> Document:
    return {
        "session_id": str(report.session_id),
        "user_id": str(report.user_id),
        "assessment_id": str(report.assessment_id),
        "integrity_score": float(report.integrity_score),
        "risk_level": report.risk_level,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "violations": [
            {
                "type": violation.type,
                "timestamp": violation.timestamp,
                "details": dict(violation.details),
            }
            for violation in report.violations
        ],
        "frame_snapshots": [
            {
                "timestamp": snapshot.timestamp,
                "image_url": snapshot.image_url,
                "violations": list(snapshot.violations),
            }
            for snapshot in report.frame_snapshots
        ],
    }


def _report(document: Document) -> ProctoringReport:
    return ProctoringReport(
        session_id=UUID(document["session_id"]),
        user_id=UUID(document["user_id"]),
        assessment_id=UUID(document["assessment_id"]),
        integrity_score=document["integrity_score"],
        risk_level=document["risk_level"],
        started_at=document["started_at"],
        ended_at=document["ended_at"],
        violations=tuple(
            Violation(item["type"], item["timestamp"], as_given(item["details"]))
            for item in document["violations"]
        ),
        frame_snapshots=tuple(
            FrameSnapshot(item["timestamp"], item["image_url"], tuple(item["violations"]))
            for item in document["frame_snapshots"]
        ),
    )
