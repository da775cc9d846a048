"""What can be read of assessments, and by whom."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from assessments.models import Assessment, Attempt, AttemptState, QuestionGrade, Submission
from assessments.stores.base import Position, ProctoringReport, ProctoringReports
from classrooms.models import Classroom
from config import limits
from config.connections.postgresql_store import fetch
from config.errors import NotFound
from config.stores import stores

_RUNNING = "SELECT 1 FROM attempts WHERE user_id = %s AND state = %s LIMIT 1"


def taught_classroom_ids(user: User) -> set[UUID]:
    """The classes whose answers and grades the user may see."""
    return set(Classroom.objects.taught_by(user).values_list("pk", flat=True))


def submissions_with_grades(submissions: QuerySet[Any]) -> QuerySet[Any]:
    """The submissions with all that showing them takes, in a fixed number of queries."""
    return submissions.select_related(
        "user", "graded_by", "assessment__state", "assessment__classroom"
    ).prefetch_related(
        Prefetch(
            "grades", queryset=QuestionGrade.objects.select_related("question__guide", "graded_by")
        )
    )


def results_visible(submission: Submission) -> bool:
    """Whether the student may see score, feedback, correct answers and explanations."""
    return submission.assessment.state.results_released_at is not None


def search_is_locked(user: User) -> bool:
    """Whether an attempt of the user runs that forbids searching the class's material.

    In a class that they have left they can't hand it in any more: it locks nothing.
    """
    # Nearly always there is none, and this is asked before every search: not by the ORM.
    if not fetch(_RUNNING, [user.pk, AttemptState.IN_PROGRESS.value]):
        return False
    now = timezone.now()
    return (
        Attempt.objects.filter(
            user=user,
            state=AttemptState.IN_PROGRESS,
            assessment__state__search_locked=True,
            assessment__classroom__in=Classroom.objects.visible_to(user),
        )
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now - limits.ATTEMPT_GRACE))
        .exists()
    )


def reports_visible_to(
    user: User,
    *,
    assessment_id: UUID | None = None,
    risk_level: str | None = None,
    after: Position | None = None,
    limit: int = limits.PAGE_SIZE,
) -> list[ProctoringReport]:
    """Proctoring reports of the classes that the user runs, the newest first."""
    assessments = Assessment.objects.taught_by(user).filter(is_proctored=True)
    if assessment_id is not None:
        assessments = assessments.filter(pk=assessment_id)
    ids = list(assessments.values_list("pk", flat=True))
    return _reports().find(assessment_ids=ids, risk_level=risk_level, after=after, limit=limit)


def report_get(user: User, session_id: UUID) -> ProctoringReport:
    """One report; NotFound if there is none that the user may see."""
    report = _reports().get(session_id)
    if report is not None:
        assessment = Assessment.objects.taught_by(user).filter(pk=report.assessment_id)
        if assessment.exists():
            return report
    raise NotFound("There is no such report.")


def names_of_reports(
    reports: Iterable[ProctoringReport],
) -> tuple[dict[UUID, User], dict[UUID, Assessment]]:
    """The people and the assessments of reports, by id, in two queries."""
    found = list(reports)
    users = User.objects.in_bulk({report.user_id for report in found})
    assessments = Assessment.objects.select_related("state").in_bulk(
        {report.assessment_id for report in found}
    )
    return users, assessments


def _reports() -> ProctoringReports:
    return cast(ProctoringReports, stores["proctoring_reports"])
