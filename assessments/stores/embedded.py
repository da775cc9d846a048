"""Proctoring reports as rows of the platform's PostgreSQL."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from assessments.models import ProctoringReportRow
from assessments.stores.base import (
    FrameSnapshot,
    Position,
    ProctoringReport,
    ProctoringReports,
    Violation,
)
from config import limits
from config.connections.postgresql import postgres_available
from config.tables import TableStore


class EmbeddedProctoringReports(TableStore[ProctoringReport], ProctoringReports):
    """The default engine; its table comes with the migrations."""

    models = (ProctoringReportRow,)

    @postgres_available()
    def save(self, report: ProctoringReport) -> None:
        ProctoringReportRow.objects.update_or_create(
            session_id=report.session_id, defaults=_to_row(report)
        )

    @postgres_available()
    def get(self, session_id: UUID) -> ProctoringReport | None:
        row = ProctoringReportRow.objects.filter(session_id=session_id).first()
        return _to_report(row) if row else None

    @postgres_available()
    def find(
        self,
        *,
        assessment_ids: Collection[UUID],
        user_id: UUID | None = None,
        risk_level: str | None = None,
        after: Position | None = None,
        limit: int = limits.PAGE_SIZE,
    ) -> list[ProctoringReport]:
        rows = ProctoringReportRow.objects.filter(assessment_id__in=assessment_ids)
        if user_id is not None:
            rows = rows.filter(user_id=user_id)
        if risk_level is not None:
            rows = rows.filter(risk_level=risk_level)
        if after is not None:
            started_at, session_id = after
            rows = rows.filter(
                Q(started_at__lt=started_at) | Q(started_at=started_at, session_id__lt=session_id)
            )
        return [_to_report(row) for row in rows.order_by("-started_at", "-session_id")[:limit]]

    @postgres_available()
    def delete(self, session_id: UUID) -> bool:
        removed, _ = ProctoringReportRow.objects.filter(session_id=session_id).delete()
        return removed > 0

    @postgres_available()
    def delete_of_user(self, user_id: UUID) -> int:
        removed, _ = ProctoringReportRow.objects.filter(user_id=user_id).delete()
        return removed

    @postgres_available()
    def page(self, *, after: UUID | None = None, limit: int) -> list[ProctoringReport]:
        rows = ProctoringReportRow.objects.order_by("session_id")
        if after is not None:
            rows = rows.filter(session_id__gt=after)
        return [_to_report(row) for row in rows[:limit]]


def _to_row(report: ProctoringReport) -> dict[str, Any]:
    return {
        "user_id": report.user_id,
        "assessment_id": report.assessment_id,
        "integrity_score": report.integrity_score,
        "risk_level": report.risk_level,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "violations": [
            {
                "type": violation.type,
                "timestamp": violation.timestamp.isoformat(),
                "details": dict(violation.details),
            }
            for violation in report.violations
        ],
        "frame_snapshots": [
            {
                "timestamp": snapshot.timestamp.isoformat(),
                "image_url": snapshot.image_url,
                "violations": list(snapshot.violations),
            }
            for snapshot in report.frame_snapshots
        ],
    }


def _to_report(row: ProctoringReportRow) -> ProctoringReport:
    return ProctoringReport(
        session_id=row.session_id,
        user_id=row.user_id,
        assessment_id=row.assessment_id,
        integrity_score=row.integrity_score,
        risk_level=row.risk_level,
        started_at=row.started_at,
        ended_at=row.ended_at,
        violations=tuple(
            Violation(
                type=item["type"],
                timestamp=datetime.fromisoformat(item["timestamp"]),
                details=item["details"],
            )
            for item in row.violations
        ),
        frame_snapshots=tuple(
            FrameSnapshot(
                timestamp=datetime.fromisoformat(item["timestamp"]),
                image_url=item["image_url"],
                violations=tuple(item["violations"]),
            )
            for item in row.frame_snapshots
        ),
    )
