"""Assessments: written, published, taken, graded and released, each in one transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from assessments.models import Assessment, Attempt, Question, Submission
from assessments.services import (
    GradeInput,
    QuestionInput,
    assessment_create,
    assessment_publish,
    attempt_autosave,
    attempt_start,
    attempt_submit,
    results_release,
    submission_grade,
)
from config.demo.classes import CLASSES
from config.demo.clock import backdate, clock_at
from config.demo.plan import AssessmentPlan, ClassPlan, QuestionPlan
from config.demo.proctored import incidents_report
from config.demo.school import School
from config.demo.sittings import Sitting, due_at, published_at, sittings_of
from config.demo.students import answer_of, key_of, sample_by_text
from progress.services import question_topic_create, time_spent_record

_CENT = Decimal("0.01")
_FEEDBACK = (
    (0.85, "Excellent work."),
    (0.6, "Good. Read my comments and you will have it next time."),
    (0.0, "Please come to me after the next lesson, we will go through it together."),
)

Pairs = Sequence[tuple[QuestionPlan, Question]]


def assessments_make(school: School) -> Iterator[str]:
    """Every assessment that is not there yet."""
    for plan in CLASSES:
        classroom = school.classrooms[plan.folder]
        for assessment in plan.assessments:
            if not Assessment.objects.filter(classroom=classroom, title=assessment.title).exists():
                _assessment(school, plan, assessment)
            yield assessment.title


def _assessment(school: School, plan: ClassPlan, exam: AssessmentPlan) -> None:
    teacher = school.people[plan.teacher]
    graded_at = due_at(school, exam) + timedelta(hours=1)
    # What follows the commit, such as a proctoring report, belongs to the end of the exam.
    with clock_at(min(graded_at, school.moment(0, 0))), transaction.atomic():
        assessment = _write(school, plan, exam)
        questions = list(zip(exam.questions, assessment.questions.all(), strict=True))
        for place, sitting in enumerate(sittings_of(school, plan, exam)):
            _sit(school, plan, sitting, place, assessment, questions)
        if exam.grading == "graded":
            return
        _grade(assessment, teacher, questions, graded_at, partly=exam.grading == "partly")
        if exam.grading == "released":
            released_at = graded_at + timedelta(hours=2)
            with clock_at(released_at):
                results_release(actor=teacher, assessment=assessment, now=released_at)


def _write(school: School, plan: ClassPlan, exam: AssessmentPlan) -> Assessment:
    teacher = school.people[plan.teacher]
    published = published_at(school, exam)
    written = published - timedelta(days=1)
    with clock_at(written):
        assessment = assessment_create(
            actor=teacher,
            classroom=school.classrooms[plan.folder],
            title=exam.title,
            type=exam.type,
            description=exam.description,
            due_date=due_at(school, exam),
            time_limit_minutes=exam.minutes,
            is_proctored=exam.is_proctored,
            search_locked=exam.is_proctored,
            questions=[_question(question) for question in exam.questions],
        )
        backdate(assessment, created_at=written)
        for question, row in zip(exam.questions, assessment.questions.all(), strict=True):
            topic = school.topics[plan.subject, question.topic]
            question_topic_create(actor=teacher, question=row, topic=topic)
    with clock_at(published):
        return assessment_publish(actor=teacher, assessment=assessment, now=published)


def _question(question: QuestionPlan) -> QuestionInput:
    return QuestionInput(
        question_text=question.text,
        question_type=question.type,
        points=question.points,
        options=question.options or None,
        correct_answer=key_of(question),
        explanation=question.explanation,
        rubric=question.rubric,
    )


def _sit(
    school: School,
    plan: ClassPlan,
    sitting: Sitting,
    place: int,
    assessment: Assessment,
    questions: Pairs,
) -> None:
    """A student prepares, takes the assessment and hands it in."""
    user = school.people[sitting.handle]
    for study in sitting.study:
        with clock_at(study.at):
            topic = school.topics[plan.subject, study.topic]
            time_spent_record(user=user, topic=topic, minutes=study.minutes)
    with clock_at(sitting.started_at):
        attempt = attempt_start(user=user, assessment=assessment, now=sitting.started_at)
    answers = {str(row.pk): answer_of(question, sitting.email) for question, row in questions}
    saved_at = sitting.started_at + (sitting.submitted_at - sitting.started_at) * 0.9
    with clock_at(saved_at):
        attempt = _save(user, attempt, answers, saved_at)
        if assessment.is_proctored:
            incidents_report(user=user, attempt=attempt, place=place, until=saved_at)
    with clock_at(sitting.submitted_at):
        attempt_submit(user=user, attempt=attempt, now=sitting.submitted_at)


def _save(user: User, attempt: Attempt, answers: dict[str, Any], now: datetime) -> Attempt:
    return attempt_autosave(
        user=user, attempt=attempt, answers=answers, revision=attempt.revision, now=now
    )


def _grade(
    assessment: Assessment, teacher: User, questions: Pairs, begin: datetime, *, partly: bool
) -> None:
    """Grade by hand what no rule could grade; half of the pile if only `partly`."""
    pile = list(
        Submission.objects.filter(assessment=assessment, graded_at__isnull=True).order_by(
            "submitted_at"
        )
    )
    for number, submission in enumerate(pile[: len(pile) // 2] if partly else pile):
        now = begin + timedelta(minutes=3 * number)
        grades = [
            grade
            for question, row in questions
            if (grade := _grade_of(submission, question, row)) is not None
        ]
        share = sum(grade.points for grade in grades) / sum(
            row.points for question, row in questions if question.samples
        )
        with clock_at(now):
            submission_grade(
                actor=teacher,
                submission=submission,
                grades=grades,
                feedback=next(text for least, text in _FEEDBACK if share >= least),
                now=now,
            )


def _grade_of(submission: Submission, question: QuestionPlan, row: Question) -> GradeInput | None:
    text = submission.answers.get(str(row.pk))
    if not question.samples or text is None:
        return None
    sample = sample_by_text(question, text)
    points = (Decimal(str(sample.share)) * row.points).quantize(_CENT)
    return GradeInput(question_id=row.pk, points=points, comment=sample.comment)
