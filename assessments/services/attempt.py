"""Taking an assessment, by the server's clock.

An attempt ends at `expires_at`. What arrives within `ATTEMPT_GRACE` after it still counts:
a slow network costs nobody an answer. Later, what was saved is submitted, by whatever
touches the attempt next or by the job that runs every minute.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from assessments.answers import answers_clean
from assessments.models import Assessment, Attempt, AttemptState, Submission
from assessments.services.grading import submission_autograde
from assessments.services.locks import assessment_share
from assessments.services.proctoring import session_end, session_open, session_renew
from assessments.services.validation import log
from config import limits
from config.errors import Conflict

logger = logging.getLogger(__name__)


def attempt_deadline(assessment: Assessment, started_at: datetime) -> datetime | None:
    """The earlier of the time limit's end and the due date; None without either."""
    ends = [assessment.due_date] if assessment.due_date else []
    if assessment.time_limit_minutes:
        ends.append(started_at + timedelta(minutes=assessment.time_limit_minutes))
    return min(ends, default=None)


def attempt_start(*, user: User, assessment: Assessment, now: datetime | None = None) -> Attempt:
    """The user's one attempt: begun now, or the one that is there, whatever its state.

    Conflict when it can't be begun: past its due date, results released, class archived.
    """
    require(user, "assessments.take_assessment", assessment)
    now = now or timezone.now()
    with transaction.atomic():
        state = assessment_share(assessment)
        current: Assessment = Assessment.objects.select_related("classroom").get(pk=assessment.pk)
        attempt = Attempt.objects.filter(assessment=current, user=user).first()
        if attempt is None:
            _refuse_closed(current, released=state.results_released_at is not None, now=now)
            attempt, created = Attempt.objects.get_or_create(
                assessment=current,
                user=user,
                defaults={"started_at": now, "expires_at": attempt_deadline(current, now)},
            )
            if created:
                log(user, "attempt_start", current, attempt_id=str(attempt.pk))
                if current.is_proctored:
                    session_open(attempt=attempt, now=now)
    return attempt_refresh(attempt=attempt, now=now)


def attempt_autosave(
    *,
    user: User,
    attempt: Attempt,
    answers: Mapping[str, Any],
    revision: int,
    now: datetime | None = None,
) -> Attempt:
    """Save some answers, by question id; null takes one back, others stay as they are.

    `revision` is the one that the client has seen. Conflict (code "stale_revision") when
    another tab has saved since, unless what is saved already says the same, as after an
    answer that the network lost. Conflict (code "attempt_ended") when the time is over.
    InvalidInput names each wrong answer as `answers.<question id>`; then nothing is saved.
    """
    require(user, "assessments.change_attempt", attempt)
    now = now or timezone.now()
    attempt_refresh(attempt=attempt, now=now)
    with transaction.atomic():
        locked: Attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
        if locked.state != AttemptState.IN_PROGRESS or is_overdue(locked, now):
            raise Conflict("The attempt has ended.", code="attempt_ended")
        questions = {str(question.pk): question for question in locked.assessment.questions.all()}
        saved = locked.answers | answers_clean(questions, answers)
        saved = {name: answer for name, answer in saved.items() if answer is not None}
        if saved == locked.answers and revision <= locked.revision:
            return locked
        if revision != locked.revision:
            raise Conflict(
                f"The attempt was saved elsewhere: revision {locked.revision}, not {revision}.",
                code="stale_revision",
            )
        locked.answers, locked.saved_at = saved, now
        locked.revision += 1
        locked.save(update_fields=["answers", "saved_at", "revision"])
        if locked.assessment.is_proctored:
            transaction.on_commit(partial(session_renew, attempt=locked), robust=True)
        return locked


def attempt_submit(*, user: User, attempt: Attempt, now: datetime | None = None) -> Submission:
    """Hand in what is saved. Again, or too late: the submission that is there."""
    require(user, "assessments.change_attempt", attempt)
    return _finish(attempt.pk, now or timezone.now())


def attempt_refresh(*, attempt: Attempt, now: datetime | None = None) -> Attempt:
    """The attempt as it is now: one whose time is over is submitted first."""
    now = now or timezone.now()
    if attempt.state == AttemptState.IN_PROGRESS and is_overdue(attempt, now):
        _finish(attempt.pk, now)
        attempt.refresh_from_db()
    return attempt


def attempts_expire(
    *,
    assessment: Assessment | None = None,
    user: User | None = None,
    now: datetime | None = None,
) -> int:
    """Submit what was saved in attempts whose time is over; how many there were.

    The oldest ATTEMPTS_EXPIRED_PER_RUN of the school, of one assessment or of one person.
    An attempt that fails is logged and does not stop the others.
    """
    now = now or timezone.now()
    overdue = Attempt.objects.filter(
        state=AttemptState.IN_PROGRESS, expires_at__lt=now - limits.ATTEMPT_GRACE
    )
    if assessment is not None:
        overdue = overdue.filter(assessment=assessment)
    if user is not None:
        overdue = overdue.filter(user=user)
    done = 0
    oldest = overdue.order_by("expires_at").values_list("pk", flat=True)
    for pk in oldest[: limits.ATTEMPTS_EXPIRED_PER_RUN]:
        try:
            _finish(pk, now)
        except Exception:
            logger.exception("attempt %s could not be expired", pk)
        else:
            done += 1
    return done


def attempts_close(*, assessment: Assessment, now: datetime | None = None) -> int:
    """Submit what those had saved who have left the class; how many there were.

    Without a time limit their attempts would run for ever. Nothing happens while anybody
    else's runs: who was removed by mistake may come back until then.
    """
    running = Attempt.objects.filter(assessment=assessment, state=AttemptState.IN_PROGRESS)
    left = running.exclude(user__memberships__classroom=assessment.classroom_id)
    found = set(left.values_list("pk", flat=True))
    if running.exclude(pk__in=found).exists():
        return 0
    for pk in found:
        _finish(pk, now or timezone.now(), has_left=True)
    return len(found)


def is_overdue(attempt: Attempt, now: datetime) -> bool:
    """Whether the end and its grace have passed."""
    return attempt.expires_at is not None and now > attempt.expires_at + limits.ATTEMPT_GRACE


@transaction.atomic
def _finish(attempt_pk: UUID, now: datetime, *, has_left: bool = False) -> Submission:
    unlocked: Attempt = Attempt.objects.select_related("assessment").get(pk=attempt_pk)
    assessment_share(unlocked.assessment)
    attempt: Attempt = Attempt.objects.select_for_update().get(pk=attempt_pk)
    if attempt.state != AttemptState.IN_PROGRESS:
        found: Submission = Submission.objects.get(
            assessment=attempt.assessment_id, user=attempt.user_id
        )
        return found
    late = is_overdue(attempt, now)
    by_itself = late or has_left
    attempt.state = AttemptState.EXPIRED if by_itself else AttemptState.SUBMITTED
    attempt.ended_at = attempt.expires_at if late else now
    attempt.save(update_fields=["state", "ended_at"])
    submission = Submission.objects.create(
        assessment=attempt.assessment,
        user=attempt.user,
        answers=attempt.answers,
        submitted_at=attempt.ended_at,
    )
    submission_autograde(submission=submission, now=now)
    if attempt.assessment.is_proctored:
        session_end(attempt=attempt)
    log(
        attempt.user,
        "attempt_expire" if by_itself else "attempt_submit",
        attempt.assessment,
        attempt_id=str(attempt.pk),
        submission_id=str(submission.pk),
    )
    return submission


def _refuse_closed(assessment: Assessment, *, released: bool, now: datetime) -> None:
    if not assessment.classroom.is_active:
        raise Conflict("The class is archived.", code="assessment_closed")
    if released:
        raise Conflict("The results have been released.", code="assessment_closed")
    if assessment.due_date is not None and assessment.due_date <= now:
        raise Conflict("The due date has passed.", code="assessment_closed")
