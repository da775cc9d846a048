"""Proctoring reports as rows of the platform's PostgreSQL."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

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
from config.connections.postgresql_store import TableStore, columns_of, fetch, run

_COLUMNS = (
    "session_id, user_id, assessment_id, integrity_score, risk_level, started_at, ended_at, "
    "violations, frame_snapshots"
)
_SAVE = f"""
INSERT INTO proctoring_reports ({_COLUMNS})
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::float8[], %s::text[],
                     %s::timestamptz[], %s::timestamptz[], %s::jsonb[], %s::jsonb[])
ON CONFLICT (session_id) DO UPDATE SET
    user_id = excluded.user_id,
    assessment_id = excluded.assessment_id,
    integrity_score = excluded.integrity_score,
    risk_level = excluded.risk_level,
    started_at = excluded.started_at,
    ended_at = excluded.ended_at,
    violations = excluded.violations,
    frame_snapshots = excluded.frame_snapshots
"""  # noqa: S608 - built of constants
_SELECT = f"SELECT {_COLUMNS} FROM proctoring_reports"  # noqa: S608 - built of constants


class EmbeddedProctoringReports(TableStore[ProctoringReport], ProctoringReports):
    """The default engine; its table comes with the migrations."""

    models = (ProctoringReportRow,)

    def save(self, report: ProctoringReport) -> None:
        self.load([report])

    def load(self, records: Sequence[ProctoringReport]) -> None:
        # The last of each session is the one to keep. In the order of their ids: two writers
        # can't wait for each other's rows.
        last = {report.session_id: report for report in records}
        if last:
            run(_SAVE, columns_of([_row(last[session_id]) for session_id in sorted(last)]))

    def get(self, session_id: UUID) -> ProctoringReport | None:
        rows = fetch(f"{_SELECT} WHERE session_id = %s", [session_id])
        return _report(rows[0]) if rows else None

    def find(
        self,
        *,
        assessment_ids: Collection[UUID],
        user_id: UUID | None = None,
        risk_level: str | None = None,
        after: Position | None = None,
        limit: int = limits.PAGE_SIZE,
    ) -> list[ProctoringReport]:
        condition = "assessment_id = ANY(%s)"
        values: list[Any] = [list(assessment_ids)]
        if user_id is not None:
            condition += " AND user_id = %s"
            values.append(user_id)
        if risk_level is not None:
            condition += " AND risk_level = %s"
            values.append(risk_level)
        if after is not None:
            condition += " AND (started_at, session_id) < (%s, %s)"
            values += after
        rows = fetch(
            f"{_SELECT} WHERE {condition} ORDER BY started_at DESC, session_id DESC LIMIT %s",
            [*values, limit],
        )
        return [_report(row) for row in rows]

    @postgres_available()
    def delete(self, session_id: UUID) -> bool:
        removed, _ = ProctoringReportRow.objects.filter(session_id=session_id).delete()
        return removed > 0

    @postgres_available()
    def delete_of_user(self, user_id: UUID) -> int:
        removed, _ = ProctoringReportRow.objects.filter(user_id=user_id).delete()
        return removed

    def page(self, *, after: UUID | None = None, limit: int) -> list[ProctoringReport]:
        condition = "session_id > %s" if after else "true"
        rows = fetch(
            f"{_SELECT} WHERE {condition} ORDER BY session_id LIMIT %s",
            [*([after] if after else []), limit],
        )
        return [_report(row) for row in rows]


def _row(report: ProctoringReport) -> tuple[Any, ...]:
    violations = [
        {
            "type": violation.type,
            "timestamp": violation.timestamp.isoformat(),
            "details": dict(violation.details),
        }
        for violation in report.violations
    ]
    frame_snapshots = [
        {
            "timestamp": snapshot.timestamp.isoformat(),
            "image_url": snapshot.image_url,
            "violations": list(snapshot.violations),
        }
        for snapshot in report.frame_snapshots
    ]
    return (
        report.session_id,
        report.user_id,
        report.assessment_id,
        report.integrity_score,
        report.risk_level,
        report.started_at,
        report.ended_at,
        json.dumps(violations),
        json.dumps(frame_snapshots),
    )


def _report(row: tuple[Any, ...]) -> ProctoringReport:
    *values, violations, frame_snapshots = row
    values.append(tuple(map(_violation, violations)))
    values.append(tuple(map(_snapshot, frame_snapshots)))
    return ProctoringReport(*values)


def _violation(item: dict[str, Any]) -> Violation:
    return Violation(item["type"], datetime.fromisoformat(item["timestamp"]), item["details"])


def _snapshot(item: dict[str, Any]) -> FrameSnapshot:
    moment = datetime.fromisoformat(item["timestamp"])
    return FrameSnapshot(moment, item["image_url"], tuple(item["violations"]))
