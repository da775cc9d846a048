"""What every engine of the store of proctoring reports must do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

from assessments.stores.base import (
    FrameSnapshot,
    ProctoringReport,
    ProctoringReports,
    Violation,
)
from tests.contracts import contract_fixture

START = datetime(2026, 3, 1, 9, 30, 0, 123000, tzinfo=UTC)


store = contract_fixture("proctoring_reports")


def report(assessment_id: UUID, minutes: int = 0, **fields: Any) -> ProctoringReport:
    at = START + timedelta(minutes=minutes)
    return replace(
        ProctoringReport(
            session_id=uuid4(),
            user_id=uuid4(),
            assessment_id=assessment_id,
            integrity_score=85.5,
            risk_level="low",
            started_at=at,
            ended_at=at + timedelta(hours=1),
            violations=(
                Violation("gaze_deviation", at, {"horizontal": 35, "note": "łöß", "x": None}),
                Violation("no_face", at),
            ),
            frame_snapshots=(FrameSnapshot(at, "private://x/1", ("multiple_faces",)),),
        ),
        **fields,
    )


def test_a_report_comes_back_as_it_was(store: ProctoringReports) -> None:
    saved = report(uuid4())
    store.save(saved)
    assert store.get(saved.session_id) == saved
    assert store.get(uuid4()) is None


def test_saving_again_replaces(store: ProctoringReports) -> None:
    saved = report(uuid4())
    store.save(saved)
    store.save(replace(saved, integrity_score=10.0, risk_level="high", violations=()))
    found = store.find(assessment_ids=[saved.assessment_id])
    assert [(item.integrity_score, item.violations) for item in found] == [(10.0, ())]


def test_times_of_any_zone_are_the_same_instant(store: ProctoringReports) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    saved = report(uuid4(), started_at=START.astimezone(zone))
    store.save(saved)
    found = store.get(saved.session_id)
    assert found is not None and found.started_at == START
    assert found.started_at.tzinfo is not None


def test_listing_is_newest_first_and_pages_meet(store: ProctoringReports) -> None:
    exam = uuid4()
    saved = [report(exam, minutes) for minutes in (0, 5, 5, 5, 9)]
    for item in saved:
        store.save(item)
    store.save(report(uuid4()))
    seen: list[ProctoringReport] = []
    while page := store.find(
        assessment_ids=[exam], after=seen[-1].position if seen else None, limit=2
    ):
        assert len(page) <= 2
        seen += page
    assert seen == sorted(saved, key=lambda item: item.position, reverse=True)


def test_filters(store: ProctoringReports) -> None:
    first, second = uuid4(), uuid4()
    low, high = report(first), report(second, risk_level="high")
    store.save(low)
    store.save(high)
    both = [first, second]
    assert store.find(assessment_ids=[]) == []
    assert len(store.find(assessment_ids=both)) == 2
    assert store.find(assessment_ids=both, risk_level="high") == [high]
    assert store.find(assessment_ids=both, user_id=low.user_id) == [low]
    assert store.find(assessment_ids=[first], risk_level="high") == []


def test_deleting(store: ProctoringReports) -> None:
    exam, person = uuid4(), uuid4()
    kept, mine, mine_too = report(exam), report(exam, user_id=person), report(exam, user_id=person)
    for item in (kept, mine, mine_too):
        store.save(item)
    assert store.delete(mine.session_id) is True
    assert store.delete(mine.session_id) is False
    assert store.delete_of_user(person) == 1
    assert store.find(assessment_ids=[exam]) == [kept]


def test_purging_keeps_reports(store: ProctoringReports) -> None:
    saved = report(uuid4())
    store.save(saved)
    assert store.purge(START + timedelta(days=3650)) == 0
    assert store.get(saved.session_id) == saved
