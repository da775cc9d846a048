"""Proctored attempts: the live session, what the client reports, and the final report.

Nothing here ever ends an attempt: a Redis or a store that is down costs evidence at worst,
and the report is written when it is back.
"""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from assessments.answers import text_is_storable
from assessments.integrity import integrity_score, risk_level
from assessments.live import OVER, RECORDED, live_append, live_end, live_open, live_renew
from assessments.models import (
    Attempt,
    AttemptState,
    ProctorSession,
    ProctorSnapshot,
    ViolationType,
)
from assessments.services.validation import log
from assessments.snapshots import image_extension, snapshot_url
from assessments.stores.base import FrameSnapshot, ProctoringReport, ProctoringReports, Violation
from config import limits
from config.errors import Conflict, InvalidInput
from config.stores import stores

logger = logging.getLogger(__name__)

_NUMBER_MAX = 2**53  # what JSON's readers agree on


def session_open(*, attempt: Attempt, now: datetime) -> ProctorSession:
    """Begin the session of a new attempt, in the attempt's own transaction."""
    session = ProctorSession.objects.create(attempt=attempt, started_at=now)
    transaction.on_commit(partial(live_open, session), robust=True)
    return session


def session_renew(*, attempt: Attempt) -> None:
    """A sign of life: the live session gets its whole time again."""
    live_renew(ProctorSession.objects.filter(attempt=attempt).values_list("pk", flat=True))


def sessions_renew() -> int:
    """Renew every session that runs, so that only orphans end by themselves; how many."""
    running = list(
        ProctorSession.objects.filter(ended_at__isnull=True).values_list("pk", flat=True)
    )
    live_renew(running)
    return len(running)


def violation_record(
    *,
    user: User,
    session: ProctorSession,
    type: str,
    details: Mapping[str, Any] | None = None,
    timestamp: datetime | None = None,
    now: datetime | None = None,
) -> bool:
    """Record what the student's own client noticed; False if enough of the type are kept.

    `timestamp` is for what was noticed while the network was away: it is moved into the
    time from the session's start to now. `details` is a flat JSON object. Conflict (code
    "attempt_ended") once the attempt has ended.
    """
    require(user, "assessments.change_attempt", session.attempt)
    now = now or timezone.now()
    if type not in ViolationType.values:
        raise InvalidInput(errors={"type": [f"Not a type of violation: {type}."]})
    violation = Violation(
        type=type,
        timestamp=_clamped(timestamp, session, now),
        details=_details_clean(details or {}),
    )
    if session.attempt.state != AttemptState.IN_PROGRESS:
        raise _ended()
    outcome = live_append(session, violation)
    if outcome == OVER:
        raise _ended()
    return outcome == RECORDED


def snapshot_add(
    *,
    user: User,
    session: ProctorSession,
    content: bytes,
    violations: Sequence[str] = (),
    timestamp: datetime | None = None,
    now: datetime | None = None,
) -> ProctorSnapshot:
    """Keep a picture that the student's client took, under a random name.

    `violations` are the types that it shows. TooLarge, InvalidInput as `image_extension`
    says; Conflict when the attempt has ended or has PROCTOR_SNAPSHOTS_MAX pictures.
    """
    require(user, "assessments.change_attempt", session.attempt)
    now = now or timezone.now()
    unknown = [kind for kind in violations if kind not in ViolationType.values]
    if unknown:
        raise InvalidInput(errors={"violations": [f"Not a type of violation: {unknown[0]}."]})
    extension = image_extension(content)
    with transaction.atomic():
        locked: ProctorSession = ProctorSession.objects.select_for_update().get(pk=session.pk)
        if locked.ended_at is not None:
            raise _ended()
        if locked.snapshots.count() >= limits.PROCTOR_SNAPSHOTS_MAX:
            raise Conflict(
                f"The session has {limits.PROCTOR_SNAPSHOTS_MAX} pictures already.",
                code="snapshots_full",
            )
        snapshot = ProctorSnapshot(
            session=locked,
            taken_at=_clamped(timestamp, locked, now),
            violations=sorted(set(violations)),
        )
        name = f"proctoring/{uuid4().hex}.{extension}"
        snapshot.image.save(name, ContentFile(content), save=False)
        try:
            snapshot.save(force_insert=True)
        except BaseException:
            snapshot.image.delete(save=False)  # no file without its row
            raise
    return snapshot


def session_end(*, attempt: Attempt) -> None:
    """End the attempt's session in its transaction; the report is written after the commit."""
    session = ProctorSession.objects.select_for_update().filter(attempt=attempt).first()
    if session is None:
        return
    session.attempt = attempt
    session.ended_at = attempt.ended_at
    session.save(update_fields=["ended_at"])
    # Robust: a store that is down must not fail the hand-in. `reports_write` comes back to it.
    transaction.on_commit(partial(report_write, session=session), robust=True)


def report_write(*, session: ProctorSession, now: datetime | None = None) -> ProctoringReport:
    """Write the report of a session that has ended; writing it again replaces it."""
    if session.ended_at is None:
        raise Conflict("The session is still running.")
    violations = live_end(session.pk)
    score = integrity_score(violation.type for violation in violations)
    report = ProctoringReport(
        session_id=session.pk,
        user_id=session.attempt.user_id,
        assessment_id=session.attempt.assessment_id,
        integrity_score=score,
        risk_level=risk_level(score).value,
        started_at=session.started_at,
        ended_at=session.ended_at,
        violations=tuple(sorted(violations, key=lambda item: item.timestamp)),
        frame_snapshots=tuple(
            FrameSnapshot(
                timestamp=snapshot.taken_at,
                image_url=snapshot_url(snapshot.pk),
                violations=tuple(snapshot.violations),
            )
            for snapshot in session.snapshots.all()
        ),
    )
    cast(ProctoringReports, stores["proctoring_reports"]).save(report)
    session.reported_at = now or timezone.now()
    session.save(update_fields=["reported_at"])
    log(
        None,
        "proctoring_report",
        session.attempt.assessment,
        session_id=str(session.pk),
        risk_level=report.risk_level,
    )
    return report


def reports_write() -> int:
    """Write the reports that are still owed; how many. One that fails stops no other."""
    owed = ProctorSession.objects.filter(
        ended_at__isnull=False, reported_at__isnull=True
    ).select_related("attempt__assessment")
    done = 0
    for session in owed.order_by("ended_at")[: limits.PROCTOR_REPORTS_PER_RUN]:
        try:
            report_write(session=session)
        except Exception:
            logger.exception("the report of session %s could not be written", session.pk)
        else:
            done += 1
    return done


def _clamped(timestamp: datetime | None, session: ProctorSession, now: datetime) -> datetime:
    return min(max(timestamp or now, session.started_at), now)


def _details_clean(details: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in details.items():
        number = isinstance(value, int | float)
        sane = number and math.isfinite(value) and abs(value) <= _NUMBER_MAX
        text = isinstance(value, str) and text_is_storable(value)
        if not (value is None or text or sane) or not text_is_storable(name):
            raise InvalidInput(errors={"details": ["Give plain texts, numbers and booleans."]})
    if len(json.dumps(details)) > limits.PROCTOR_DETAILS_MAX_BYTES:
        raise InvalidInput(
            errors={"details": [f"Give at most {limits.PROCTOR_DETAILS_MAX_BYTES} bytes."]}
        )
    return dict(details)


def _ended() -> Conflict:
    return Conflict("The attempt has ended.", code="attempt_ended")
