"""What every engine of the store of proctoring reports must do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

from analytics.tests.threads import in_threads
from assessments.stores.base import (
    FrameSnapshot,
    ProctoringReport,
    ProctoringReports,
    Violation,
)
from config import limits
from config.errors import TooLarge
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


def test_every_value_comes_back_as_it_was(store: ProctoringReports) -> None:
    details = {
        "list": [1, 2.5, None, True, {"deep": {"er": []}}],
        "a.b": {"$set": 1, "": "empty key"},
        "large": 2**53,
        "float": 1e-9,
        "text": "",
        "nested": {"数学": "🎓"},
        "reference": {"$ref": "x", "$id": 1},
        "references": [[{"$ref": "x", "$id": {"$ref": "y", "$id": 2}, "more": None}]],
    }
    saved = report(
        uuid4(),
        integrity_score=0.1 + 0.2,
        risk_level="",
        violations=(Violation("", START, details), Violation("x", START)),
        frame_snapshots=(FrameSnapshot(START, "", ()), FrameSnapshot(START, "u", ("a", "", "ö"))),
    )
    store.save(saved)
    found = store.get(saved.session_id)
    assert found == saved
    assert type(found.violations[0].details["large"]) is int
    assert type(found.integrity_score) is float


def test_an_object_like_a_reference_comes_back_as_it_was(store: ProctoringReports) -> None:
    details = {"$ref": "x", "$id": 1}
    saved = report(uuid4(), violations=(Violation("x", START, details),))
    store.save(saved)
    assert store.get(saved.session_id) == saved
    assert saved in store.find(assessment_ids=[saved.assessment_id])
    assert saved in store.page(limit=100)


def test_a_report_of_nothing(store: ProctoringReports) -> None:
    saved = report(uuid4(), violations=(), frame_snapshots=(), integrity_score=100.0)
    store.save(saved)
    assert store.get(saved.session_id) == saved


def test_times_are_kept_to_the_millisecond(store: ProctoringReports) -> None:
    moment = datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=14)))
    saved = report(
        uuid4(),
        started_at=moment,
        violations=(Violation("x", moment),),
        frame_snapshots=(FrameSnapshot(moment, "u"),),
    )
    store.save(saved)
    found = store.get(saved.session_id)
    kept = datetime(2026, 3, 1, 9, 59, 59, 999_000, tzinfo=UTC)
    assert found is not None
    times = [found.started_at, found.violations[0].timestamp, found.frame_snapshots[0].timestamp]
    assert times == [kept] * 3


def test_one_that_is_too_large_is_kept_whole_or_refused(store: ProctoringReports) -> None:
    large = Violation("x", START, {"note": "x" * (17 * limits.MIB)})
    saved = report(uuid4(), violations=(large,))
    for write in (lambda: store.save(saved), lambda: store.load([saved])):
        refused = False
        try:
            write()
        except TooLarge as error:
            refused = "MiB" in error.detail
        assert store.get(saved.session_id) == (None if refused else saved)


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


def test_what_is_saved_meanwhile_leaves_no_gap(store: ProctoringReports) -> None:
    exam = uuid4()
    first = [report(exam, minutes) for minutes in range(6)]
    store.load(first)
    seen: list[ProctoringReport] = []
    while page := store.find(
        assessment_ids=[exam], after=seen[-1].position if seen else None, limit=2
    ):
        seen += page
        store.save(report(exam, 99))  # newer than all that is left to read
    assert seen == sorted(first, key=lambda item: item.position, reverse=True)


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


def test_other_assessments_are_not_listed(store: ProctoringReports) -> None:
    person, mine, other = uuid4(), uuid4(), uuid4()
    saved = report(mine, user_id=person)
    store.load([saved, report(other, user_id=person)])
    assert store.find(assessment_ids=[mine]) == [saved]
    assert store.find(assessment_ids=[mine], user_id=person) == [saved]
    assert store.find(assessment_ids=[uuid4()], user_id=person) == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_of_one_session_leave_one_report(store: ProctoringReports) -> None:
    first = report(uuid4())
    versions = [replace(first, integrity_score=float(score)) for score in range(40)]
    in_threads(store.save, versions)
    [found] = store.find(assessment_ids=[first.assessment_id])
    assert found in versions


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_leave_every_report(store: ProctoringReports) -> None:
    exam = uuid4()
    saved = {item.session_id: item for item in (report(exam, minutes) for minutes in range(80))}
    in_threads(store.save, saved.values())
    found = store.find(assessment_ids=[exam], limit=100)
    assert {item.session_id: item for item in found} == saved


def test_pages_of_all_are_in_the_order_of_sessions(store: ProctoringReports) -> None:
    saved = [report(uuid4()) for _ in range(5)]
    store.load(saved)
    seen: list[ProctoringReport] = []
    while page := store.page(after=seen[-1].session_id if seen else None, limit=2):
        seen += page
    assert seen == sorted(saved, key=lambda item: item.session_id)


def test_a_scan_goes_on_in_another_process(store: ProctoringReports) -> None:
    saved = [report(uuid4()) for _ in range(5)]
    store.load(saved)
    seen: list[ProctoringReport] = []
    after = None
    while True:
        page = type(store)(**store.options).scan(after=after, limit=2)
        seen += page.records
        after = page.next
        if after is None:
            break
    assert len(seen) == 5
    assert {item.session_id: item for item in seen} == {item.session_id: item for item in saved}


def test_loading_twice_is_the_same_as_once(store: ProctoringReports) -> None:
    saved = [report(uuid4()) for _ in range(3)]
    store.save(replace(saved[0], risk_level="other"))
    store.load(saved)
    store.load([*saved, *saved])
    store.load([])
    found = store.scan(limit=10).records
    assert {item.session_id: item for item in found} == {item.session_id: item for item in saved}
    assert len(found) == 3


def test_the_schema_is_ready(store: ProctoringReports) -> None:
    assert {state.state for state in store.inspect()} <= {"ok", "not kept"}
    assert {state.state for state in store.prepare()} <= {"ok", "not kept"}
