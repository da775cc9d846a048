"""Writing, publishing and releasing assessments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from assessments.models import (
    Assessment,
    AssessmentState,
    Attempt,
    AttemptState,
    Submission,
)
from assessments.services.attempt import attempt_deadline, attempts_close, attempts_expire
from assessments.services.locks import assessment_lock
from assessments.services.question import QuestionInput, question_insert, total_points_update
from assessments.services.validation import clean, log
from assessments.signals import results_released
from classrooms.models import Classroom
from classrooms.services import require_open
from config import limits
from config.errors import Conflict, InvalidInput

_FIELDS = ("title", "description", "type", "due_date", "time_limit_minutes", "is_proctored")


@transaction.atomic
def assessment_create(
    *,
    actor: User,
    classroom: Classroom,
    title: str,
    type: str,
    description: str = "",
    due_date: datetime | None = None,
    time_limit_minutes: int | None = None,
    is_proctored: bool = False,
    search_locked: bool = False,
    total_points: int | None = None,
    questions: Sequence[QuestionInput] = (),
) -> Assessment:
    """Write an assessment, unpublished, with its questions in the order given.

    `total_points` is the sum of the questions' points; one that is given must equal it.
    """
    require(actor, "assessments.add_assessment", classroom)
    require_open(classroom)
    assessment = Assessment(
        classroom=classroom,
        title=title,
        type=type,
        description=description or None,
        total_points=0,
        due_date=due_date,
        time_limit_minutes=time_limit_minutes,
        is_proctored=is_proctored,
        created_by=actor,
    )
    clean(assessment, _FIELDS)
    if len(questions) > limits.ASSESSMENT_MAX_QUESTIONS:
        raise InvalidInput(
            errors={"questions": [f"At most {limits.ASSESSMENT_MAX_QUESTIONS} questions."]}
        )
    assessment.save(force_insert=True)
    assessment.state = AssessmentState.objects.create(
        assessment=assessment, search_locked=search_locked
    )
    for index, question in enumerate(questions):
        try:
            question_insert(assessment, question, order_index=index)
        except InvalidInput as error:
            named = {f"questions.{index}.{name}": why for name, why in error.errors.items()}
            raise InvalidInput(errors=named) from None
    total_points_update(assessment)
    _check_total(assessment, total_points)
    log(actor, "assessment_create", assessment, title=title, questions=len(questions))
    return assessment


@transaction.atomic
def assessment_update(*, actor: User, assessment: Assessment, **changes: Any) -> Assessment:
    """Change an assessment's fields or whether it is `search_locked`.

    A new due date or time limit also moves the end of the attempts that are running.
    Whether it is proctored stays as it is once an attempt has started.
    """
    require(actor, "assessments.change_assessment", assessment)
    locked = assessment_lock(assessment)
    was_proctored = bool(locked.is_proctored)
    for field in _FIELDS:
        if field in changes:
            setattr(locked, field, changes[field])
    clean(locked, _FIELDS)
    _check_total(locked, changes.get("total_points"))
    if bool(locked.is_proctored) != was_proctored and locked.attempts.exists():
        raise Conflict("It has been started: its proctoring can't be changed.")
    locked.save(update_fields=_FIELDS)
    if "search_locked" in changes:
        locked.state.search_locked = changes["search_locked"]
        locked.state.save(update_fields=["search_locked"])
    if {"due_date", "time_limit_minutes"} & set(changes):
        _move_deadlines(locked)
    log(actor, "assessment_update", locked, fields=sorted(changes))
    return locked


@transaction.atomic
def assessment_delete(*, actor: User, assessment: Assessment) -> None:
    """Delete an assessment that nobody has started, with its questions."""
    require(actor, "assessments.delete_assessment", assessment)
    locked = assessment_lock(assessment)
    if locked.attempts.exists() or locked.submissions.exists():
        raise Conflict("It has been started: it can't be deleted any more.")
    log(actor, "assessment_delete", locked, title=locked.title)
    locked.delete()


@transaction.atomic
def assessment_publish(
    *, actor: User, assessment: Assessment, now: datetime | None = None
) -> Assessment:
    """Let the class see and take it. Publishing again changes nothing."""
    require(actor, "assessments.change_assessment", assessment)
    now = now or timezone.now()
    locked = assessment_lock(assessment)
    if locked.state.published_at is not None:
        return locked
    if not locked.questions.exists():
        raise Conflict("It has no questions yet.")
    if locked.due_date is not None and locked.due_date <= now:
        raise Conflict("Its due date has passed: nobody could take it.")
    locked.state.published_at = now
    locked.state.save(update_fields=["published_at"])
    log(actor, "assessment_publish", locked)
    return locked


def results_release(
    *, actor: User, assessment: Assessment, now: datetime | None = None
) -> Assessment:
    """Show students their scores, the correct answers and the feedback. Again: no change.

    Conflict while attempts run or answers wait to be graded; an attempt that runs of someone
    who has left the class is handed in. Nobody can start it any more.
    """
    require(actor, "assessments.change_assessment", assessment)
    now = now or timezone.now()
    attempts_expire(assessment=assessment, now=now)
    attempts_close(assessment=assessment, now=now)
    with transaction.atomic():
        locked = assessment_lock(assessment)
        if locked.state.results_released_at is not None:
            return locked
        if locked.state.published_at is None:
            raise Conflict("It has not been published.")
        running = Attempt.objects.filter(assessment=locked, state=AttemptState.IN_PROGRESS)
        if count := running.count():
            raise Conflict(f"{count} attempts are still running.")
        waiting = Submission.objects.filter(assessment=locked, graded_at__isnull=True)
        if count := waiting.count():
            raise Conflict(f"{count} submissions are still to be graded.")
        locked.state.results_released_at = now
        locked.state.save(update_fields=["results_released_at"])
        log(actor, "results_release", locked)
        results_released.send(sender=Assessment, assessment=locked)
        return locked


def _check_total(assessment: Assessment, given: int | None) -> None:
    if given is not None and given != assessment.total_points:
        raise InvalidInput(
            errors={
                "total_points": [
                    f"The questions' points add up to {assessment.total_points}, not {given}."
                ]
            }
        )


def _move_deadlines(assessment: Assessment) -> None:
    running = Attempt.objects.select_for_update().filter(
        assessment=assessment, state=AttemptState.IN_PROGRESS
    )
    for attempt in running:
        attempt.expires_at = attempt_deadline(assessment, attempt.started_at)
        attempt.save(update_fields=["expires_at"])
