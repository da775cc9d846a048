"""Proctored attempts: the live session, pictures, the report."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone
from django_redis import get_redis_connection

from accounts.tests.factories import TeacherFactory
from assessments import services
from assessments.live import ENOUGH, key_of, live_append, live_end, live_open, live_read
from assessments.models import Attempt, ProctorSession
from assessments.selectors import report_get, reports_visible_to
from assessments.snapshots import snapshot_id_of
from assessments.stores.base import Violation
from assessments.tasks import write_proctoring_reports
from assessments.tests.factories import NOW, make_assessment, make_student, picture
from config import limits
from config.errors import Conflict, InvalidInput, NotAllowed, NotFound
from config.stores import stores
from config.times import to_milliseconds

# Redis is spoken to here: once more on the real server.
pytestmark = [pytest.mark.django_db, pytest.mark.contract]
on_commit = TestCase.captureOnCommitCallbacks


def submit(session: ProctorSession) -> None:
    with on_commit(execute=True):
        services.attempt_submit(user=session.attempt.user, attempt=session.attempt)


def record(session: ProctorSession, kind: str = "tab_switch", **fields: Any) -> bool:
    return services.violation_record(
        user=session.attempt.user, session=session, type=kind, **fields
    )


def test_starting_opens_the_spec_s_hash(session: ProctorSession) -> None:
    redis = get_redis_connection("default")
    key = f"proctor:session:{session.pk}"
    assert redis.hgetall(key) == {
        b"user_id": str(session.attempt.user_id).encode(),
        b"assessment_id": str(session.attempt.assessment_id).encode(),
        b"started_at": NOW.isoformat().encode(),
        b"status": b"active",
        b"violations": b"[]",
    }
    assert limits.PROCTOR_SESSION_TTL - 5 <= redis.ttl(key) <= limits.PROCTOR_SESSION_TTL


def test_an_attempt_without_proctoring_has_no_session() -> None:
    assessment = make_assessment()
    student = make_student(assessment.classroom)
    services.attempt_start(user=student, assessment=assessment)
    assert not ProctorSession.objects.exists()


def test_violations_end_in_a_report(session: ProctorSession) -> None:
    details = {"horizontal": 35, "vertical": 10.5, "empty": None}
    assert record(session, "gaze_deviation", details=details)
    record(session, "multiple_faces")
    with on_commit(execute=True):
        snapshot = services.snapshot_add(
            user=session.attempt.user,
            session=session,
            content=picture(),
            violations=["multiple_faces"],
        )
    submit(session)
    teacher = session.classroom.teacher
    (report,) = reports_visible_to(teacher)
    assert report == report_get(teacher, session.pk)
    assert [item.type for item in report.violations] == ["gaze_deviation", "multiple_faces"]
    assert report.violations[0].details == details
    assert (report.integrity_score, report.risk_level) == (82.5, "low")
    assert snapshot_id_of(report.frame_snapshots[0].image_url) == snapshot.pk
    session.refresh_from_db()
    assert session.reported_at is not None
    live = live_read(session.pk)
    assert live is not None and live.status == "ended"


def test_after_the_end_nothing_is_taken(session: ProctorSession) -> None:
    stale = ProctorSession.objects.select_related("attempt__assessment").get(pk=session.pk)
    submit(session)
    for posted in (session, stale):
        with pytest.raises(Conflict) as caught:
            record(posted)
        assert caught.value.code == "attempt_ended"
    with pytest.raises(Conflict):
        services.snapshot_add(user=session.attempt.user, session=stale, content=picture())


def test_only_the_student_posts_and_only_those_who_run_the_class_read(
    session: ProctorSession,
) -> None:
    other = make_student(session.classroom)
    for person in (other, session.classroom.teacher):
        with pytest.raises(NotAllowed):
            services.violation_record(user=person, session=session, type="no_face")
        with pytest.raises(NotAllowed):
            services.snapshot_add(user=person, session=session, content=picture())
    submit(session)
    for person in (other, session.attempt.user, TeacherFactory.create()):
        assert reports_visible_to(person) == []
        with pytest.raises(NotFound):
            report_get(person, session.pk)


def test_a_session_that_redis_lost_goes_on(session: ProctorSession) -> None:
    get_redis_connection("default").flushdb()
    assert record(session)
    live = live_read(session.pk)
    assert live is not None and live.started_at == NOW
    submit(session)
    assert len(report_get(session.classroom.teacher, session.pk).violations) == 1


def test_times_of_the_client_stay_within_the_session(session: ProctorSession) -> None:
    late = NOW + timedelta(minutes=10)
    for claimed in (NOW - timedelta(days=1), NOW + timedelta(minutes=5), NOW + timedelta(days=1)):
        record(session, timestamp=claimed, now=late)
    live = live_read(session.pk)
    assert live is not None
    assert [item.timestamp - NOW for item in live.violations] == [
        timedelta(0),
        timedelta(minutes=5),
        timedelta(minutes=10),
    ]


def test_violations_are_bounded_by_type(session: ProctorSession) -> None:
    violation = Violation("no_face", NOW)
    for _ in range(limits.PROCTOR_VIOLATIONS_PER_TYPE):
        live_append(session, violation)
    assert live_append(session, violation) == ENOUGH
    assert record(session, "no_face") is False
    assert record(session, "phone_detected") is True


def test_violations_at_once_are_all_kept(session: ProctorSession) -> None:
    kinds = ["tab_switch", "no_face", "copy_paste", "gaze_deviation"]

    def post(number: int) -> int:
        details = {"number": number, "text": '"]}\u2028'}
        return live_append(session, Violation(kinds[number % 4], NOW, details))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, range(160)))
    numbers = sorted(item.details["number"] for item in live_end(session.pk))
    assert numbers == list(range(160))


@pytest.mark.parametrize(
    "details",
    [
        {"a": {"b": 1}},
        {"a": [1]},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**60},
        {"a": "x\x00"},
        {"a": "\ud800"},
        {"a\x00": 1},
        {"a": "x" * 1000},
    ],
)
def test_bad_details(session: ProctorSession, details: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        record(session, details=details)
    assert list(caught.value.errors) == ["details"]


def test_unknown_types(session: ProctorSession) -> None:
    with pytest.raises(InvalidInput):
        record(session, "sneezing")
    with pytest.raises(InvalidInput):
        services.snapshot_add(
            user=session.attempt.user,
            session=session,
            content=picture(),
            violations=["sneezing"],
        )


def test_a_report_that_could_not_be_written_is_written_later(session: ProctorSession) -> None:
    record(session)
    with on_commit(execute=False):  # the process dies right after the commit
        services.attempt_submit(user=session.attempt.user, attempt=session.attempt)
    assert reports_visible_to(session.classroom.teacher) == []
    assert write_proctoring_reports() == 1
    assert write_proctoring_reports() == 0
    assert len(report_get(session.classroom.teacher, session.pk).violations) == 1


def test_running_sessions_are_kept_alive(session: ProctorSession) -> None:
    redis = get_redis_connection("default")
    redis.expire(key_of(session.pk), 10)
    write_proctoring_reports()
    assert redis.ttl(key_of(session.pk)) > 7000
    redis.expire(key_of(session.pk), 10)
    with on_commit(execute=True):
        services.attempt_autosave(
            user=session.attempt.user, attempt=session.attempt, answers={}, revision=0
        )
    live_open(session)
    assert redis.ttl(key_of(session.pk)) > 7000


def test_an_expired_attempt_ends_its_session_too(session: ProctorSession) -> None:
    ended = to_milliseconds(timezone.now()) - timedelta(minutes=1)
    Attempt.objects.filter(pk=session.attempt_id).update(expires_at=ended)
    with on_commit(execute=True):
        services.attempts_expire()
    assert stores["proctoring_reports"].get(session.pk).ended_at == ended
