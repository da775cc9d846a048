"""Writing an assessment's questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum

from accounts.models import User
from accounts.policies import require
from assessments.answers import key_clean, options_clean, text_is_storable
from assessments.models import Assessment, Question, QuestionGuide
from assessments.services.grading import question_regrade
from assessments.services.locks import assessment_lock
from assessments.services.validation import clean, log
from config import limits
from config.errors import Conflict, InvalidInput, NotFound

# Once somebody has started, what decides how an answer looks and what it is worth is fixed.
_FIXED_WHEN_STARTED = ("question_type", "points", "options")
_FIELDS = ("question_text", *_FIXED_WHEN_STARTED, "correct_answer", "order_index")
_GUIDE = ("explanation", "rubric")


@dataclass(frozen=True)
class QuestionInput:
    """A question to write; `assessments.answers` gives the forms of options and key."""

    question_text: str
    question_type: str
    points: int
    options: Sequence[str | Mapping[str, str]] | None = None
    correct_answer: str | None = None
    explanation: str = ""
    rubric: str = ""
    order_index: int | None = None


@transaction.atomic
def question_create(*, actor: User, assessment: Assessment, question: QuestionInput) -> Question:
    """Add a question, at the end unless it says where; Conflict once anybody has started."""
    require(actor, "assessments.change_assessment", assessment)
    locked = assessment_lock(assessment)
    _refuse_started(locked)
    if locked.questions.count() >= limits.ASSESSMENT_MAX_QUESTIONS:
        raise Conflict(f"It has {limits.ASSESSMENT_MAX_QUESTIONS} questions already.")
    last = locked.questions.aggregate(last=Max("order_index"))["last"]
    created = question_insert(locked, question, order_index=0 if last is None else last + 1)
    total_points_update(locked)
    log(actor, "question_create", locked, question_id=str(created.pk))
    return created


@transaction.atomic
def question_update(*, actor: User, question: Question, **changes: Any) -> Question:
    """Change a question, its explanation or its rubric.

    Once anybody has started, its type, points and options are fixed. A new answer key
    grades again all the answers that were graded by rule.
    """
    require(actor, "assessments.change_question", question)
    locked = assessment_lock(question.assessment)
    current = _question(question)
    before = {field: getattr(current, field) for field in _FIELDS}
    for field in _FIELDS:
        if field in changes:
            setattr(current, field, changes[field])
    _normalise(current)
    changed = {field for field in _FIELDS if getattr(current, field) != before[field]}
    if changed & set(_FIXED_WHEN_STARTED):
        _refuse_started(locked)
    current.save(update_fields=_FIELDS)
    _save_guide(current, {name: changes[name] for name in _GUIDE if name in changes})
    total_points_update(locked)
    if "correct_answer" in changed:
        question_regrade(question=current)
    log(actor, "question_update", locked, question_id=str(current.pk), fields=sorted(changes))
    return current


@transaction.atomic
def question_delete(*, actor: User, question: Question) -> None:
    """Take a question out; Conflict once anybody has started."""
    require(actor, "assessments.delete_question", question)
    locked = assessment_lock(question.assessment)
    _refuse_started(locked)
    if locked.state.published_at is not None and locked.questions.count() == 1:
        raise Conflict("A published assessment keeps at least one question.")
    log(actor, "question_delete", locked, question_id=str(question.pk))
    _question(question).delete()
    total_points_update(locked)


def question_insert(
    assessment: Assessment, question: QuestionInput, *, order_index: int
) -> Question:
    """Write a question's row, for a caller that holds the assessment's lock."""
    created = Question(
        assessment=assessment,
        question_text=question.question_text,
        question_type=question.question_type,
        points=question.points,
        options=question.options,
        correct_answer=question.correct_answer,
        order_index=order_index if question.order_index is None else question.order_index,
    )
    _normalise(created)
    created.save(force_insert=True)
    _save_guide(created, {"explanation": question.explanation, "rubric": question.rubric})
    return created


def total_points_update(assessment: Assessment) -> None:
    """Let `total_points` be the sum of the questions' points again."""
    total = assessment.questions.aggregate(total=Sum("points"))["total"] or 0
    if total > limits.ASSESSMENT_MAX_POINTS:
        raise InvalidInput(
            errors={
                "points": [f"The points add up to {total}; at most {limits.ASSESSMENT_MAX_POINTS}."]
            }
        )
    assessment.total_points = total
    assessment.save(update_fields=["total_points"])


def _question(question: Question) -> Question:
    found: Question | None = Question.objects.filter(pk=question.pk).first()
    if found is None:
        raise NotFound("This question has been deleted.")
    return found


def _refuse_started(assessment: Assessment) -> None:
    if assessment.attempts.exists():
        raise Conflict("It has been started: its questions' form and points are fixed.")


def _normalise(question: Question) -> None:
    clean(question, ("question_text", "question_type", "points", "order_index"))
    if len(question.question_text) > limits.QUESTION_TEXT_MAX:
        raise InvalidInput(
            errors={"question_text": [f"Give at most {limits.QUESTION_TEXT_MAX} characters."]}
        )
    question.options = options_clean(question.question_type, question.options)
    question.correct_answer = key_clean(
        question.question_type, question.options, question.correct_answer
    )


def _save_guide(question: Question, values: Mapping[str, str]) -> None:
    for name, text in values.items():
        if len(text) > limits.QUESTION_TEXT_MAX or not text_is_storable(text):
            raise InvalidInput(
                errors={name: [f"Give at most {limits.QUESTION_TEXT_MAX} characters."]}
            )
    guide, _ = QuestionGuide.objects.update_or_create(question=question, defaults=dict(values))
    question.guide = guide
