"""Grading: by rule when something is handed in, by a person for the rest.

Each grading sends `answers_graded` in its own transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from assessments.answers import text_is_storable
from assessments.models import Question, QuestionGrade, Submission
from assessments.scoring import points_earned
from assessments.services.locks import assessment_share
from assessments.services.validation import log
from assessments.signals import GradedAnswer, answers_graded
from config import limits
from config.errors import InvalidInput

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class GradeInput:
    """A person's grade of one answer; `points` has at most two decimals."""

    question_id: UUID
    points: Decimal
    comment: str = ""


def submission_autograde(*, submission: Submission, now: datetime) -> None:
    """Grade by rule what can be; the rest waits for a person. Inside a transaction only."""
    questions: Iterable[Question] = submission.assessment.questions.all()
    grades = []
    for question in questions:
        points = points_earned(question, submission.answers.get(str(question.pk)))
        grades.append(
            QuestionGrade(
                submission=submission,
                question=question,
                points=points,
                graded_at=None if points is None else now,
            )
        )
    QuestionGrade.objects.bulk_create(grades)
    _settle(submission, grader=None, now=now)
    _announce(submission, grades)


@transaction.atomic
def submission_grade(
    *,
    actor: User,
    submission: Submission,
    grades: Sequence[GradeInput] = (),
    feedback: str | None = None,
    now: datetime | None = None,
) -> Submission:
    """Grade answers by hand, in place of any earlier grade, and say something about the whole.

    InvalidInput names each wrong grade as `grades.<question id>`. `feedback` None keeps the
    earlier feedback. The submission has its score once no answer waits any more.
    """
    require(actor, "assessments.change_submission", submission)
    now = now or timezone.now()
    assessment_share(submission.assessment)
    locked: Submission = Submission.objects.select_for_update().get(pk=submission.pk)
    rows = {grade.question_id: grade for grade in locked.grades.select_related("question")}
    _check(rows, grades)
    if feedback is not None:
        if len(feedback) > limits.ESSAY_MAX or not text_is_storable(feedback):
            raise InvalidInput(errors={"feedback": ["This text is too long or can't be stored."]})
        locked.feedback = feedback or None
    changed = []
    for given in grades:
        row = rows[given.question_id]
        row.points, row.comment = given.points, given.comment
        row.graded_by, row.graded_at = actor, now
        changed.append(row)
    QuestionGrade.objects.bulk_update(changed, ["points", "comment", "graded_by", "graded_at"])
    _settle(locked, grader=actor, now=now)
    _announce(locked, changed)
    log(
        actor,
        "submission_grade",
        locked.assessment,
        submission_id=str(locked.pk),
        questions=len(changed),
    )
    return locked


@transaction.atomic
def question_regrade(*, question: Question, now: datetime | None = None) -> int:
    """Grade a question's answers again that were graded by rule; how many there were.

    For a new answer key. Grades that a person gave stay. The caller holds the assessment's
    lock, so nothing is handed in meanwhile.
    """
    now = now or timezone.now()
    submissions = Submission.objects.select_for_update().filter(assessment=question.assessment_id)
    by_pk = {submission.pk: submission for submission in submissions}
    grades = list(
        QuestionGrade.objects.filter(
            question=question, submission__in=by_pk, graded_by__isnull=True
        ).order_by("submission__user_id")  # as every receiver that locks rows of several people
    )
    for grade in grades:
        submission = by_pk[grade.submission_id]
        grade.question, grade.submission = question, submission
        grade.points = points_earned(question, submission.answers.get(str(question.pk)))
        grade.graded_at = None if grade.points is None else now
    QuestionGrade.objects.bulk_update(grades, ["points", "graded_at"])
    for grade in grades:
        _settle(grade.submission, grader=None, now=now)
        _announce(grade.submission, [grade])
    return len(grades)


def _check(rows: dict[UUID, QuestionGrade], grades: Sequence[GradeInput]) -> None:
    errors: dict[str, list[str]] = {}
    for given in grades:
        name = f"grades.{given.question_id}"
        row = rows.get(given.question_id)
        if row is None:
            errors[name] = ["No such question in this submission."]
        elif not given.points.is_finite() or not 0 <= given.points <= row.question.points:
            errors[name] = [f"Give 0 to {row.question.points} points."]
        elif given.points != given.points.quantize(_CENT):
            errors[name] = ["Give at most two decimals."]
        elif len(given.comment) > limits.ESSAY_MAX or not text_is_storable(given.comment):
            errors[name] = ["The comment is too long or can't be stored."]
    if len({given.question_id for given in grades}) < len(grades):
        errors["grades"] = ["A question is graded twice."]
    if errors:
        raise InvalidInput(errors=errors)


def _settle(submission: Submission, *, grader: User | None, now: datetime) -> None:
    """Give the submission its score if every answer has its grade, none if one waits."""
    points = list(submission.grades.values_list("points", flat=True))
    graded = [value for value in points if value is not None]
    done = len(graded) == len(points)
    submission.score = sum(graded, Decimal(0)) if done else None
    submission.graded_at = now if done else None
    if grader is not None:
        submission.graded_by = grader
    submission.save(update_fields=["score", "graded_at", "graded_by", "feedback"])


def _announce(submission: Submission, grades: Iterable[QuestionGrade]) -> None:
    outcomes = [
        GradedAnswer(
            question_id=grade.question_id,
            fraction=float(grade.points / grade.question.points),
            graded_at=grade.graded_at,
        )
        for grade in grades
        if grade.points is not None and grade.graded_at is not None
    ]
    if outcomes:
        answers_graded.send(sender=Submission, submission=submission, outcomes=outcomes)
