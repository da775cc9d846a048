"""Grading, and what it tells the apps above."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.tests.factories import TeacherFactory, UserFactory
from assessments import services
from assessments.models import Assessment, Submission
from assessments.services import GradeInput
from assessments.signals import GradedAnswer, answers_graded
from assessments.tests.factories import by_type, right_answers
from classrooms.models import MemberRole
from classrooms.tests.factories import MemberFactory
from config.errors import InvalidInput, NotAllowed


@pytest.fixture
def sent() -> Iterator[list[dict[str, GradedAnswer]]]:
    """The outcomes that were sent, by question."""
    heard: list[dict[str, GradedAnswer]] = []

    def listen(sender: Any, submission: Submission, outcomes: list[GradedAnswer], **_: Any) -> None:
        assert sender is Submission
        heard.append({str(outcome.question_id): outcome for outcome in outcomes})

    answers_graded.connect(listen)
    yield heard
    answers_graded.disconnect(listen)


@pytest.fixture
def submission(assessment: Assessment, student: User) -> Submission:
    """Everything right, the essay still to be graded."""
    return hand_in(assessment, student, right_answers(assessment))


def hand_in(assessment: Assessment, student: User, answers: dict[str, Any]) -> Submission:
    attempt = services.attempt_start(user=student, assessment=assessment)
    services.attempt_autosave(user=student, attempt=attempt, answers=answers, revision=0)
    return services.attempt_submit(user=student, attempt=attempt)


def test_rules_grade_at_once_and_the_essay_waits(
    sent: list[Any], assessment: Assessment, submission: Submission
) -> None:
    assert (submission.score, submission.graded_at, submission.graded_by) == (None, None, None)
    essay = by_type(assessment)["essay"]
    earned = {grade.question_id: grade.points for grade in submission.grades.all()}
    assert earned.pop(essay.pk) is None
    assert sum(earned.values()) == 10
    assert len(sent) == 1
    assert str(essay.pk) not in sent[0]
    assert {outcome.fraction for outcome in sent[0].values()} == {1.0}


def test_a_person_grades_and_grades_again(
    sent: list[Any], assessment: Assessment, submission: Submission
) -> None:
    teacher, questions = assessment.classroom.teacher, by_type(assessment)
    essay = questions["essay"]
    grade = GradeInput(question_id=essay.pk, points=Decimal("7.5"), comment="Good.")
    graded = services.submission_grade(
        actor=teacher, submission=submission, grades=[grade], feedback="Well done."
    )
    assert (graded.score, graded.graded_by, graded.feedback) == (
        Decimal("17.5"),
        teacher,
        "Well done.",
    )
    assert sent[-1][str(essay.pk)].fraction == 0.75
    again = services.submission_grade(
        actor=teacher,
        submission=submission,
        grades=[
            replace(grade, points=Decimal(10)),
            GradeInput(question_id=questions["numeric"].pk, points=Decimal(0)),
        ],
    )
    assert (again.score, again.feedback) == (Decimal(18), "Well done.")
    assert sent[-1][str(essay.pk)].fraction == 1
    assert sent[-1][str(questions["numeric"].pk)].fraction == 0
    assert len(sent) == 3


@pytest.mark.parametrize("points", ["-0.01", "10.01", "1.234", "NaN", "Infinity"])
def test_points_out_of_range(assessment: Assessment, submission: Submission, points: str) -> None:
    essay, stranger = by_type(assessment)["essay"], uuid4()
    with pytest.raises(InvalidInput) as caught:
        services.submission_grade(
            actor=assessment.classroom.teacher,
            submission=submission,
            grades=[
                GradeInput(question_id=essay.pk, points=Decimal(points)),
                GradeInput(question_id=stranger, points=Decimal(1)),
            ],
        )
    assert set(caught.value.errors) == {f"grades.{essay.pk}", f"grades.{stranger}"}


def test_who_may_grade(assessment: Assessment, student: User, submission: Submission) -> None:
    assistant = UserFactory.create()
    MemberFactory.create(classroom=assessment.classroom, user=assistant, role=MemberRole.ASSISTANT)
    for person in (student, TeacherFactory.create(), UserFactory.create()):
        with pytest.raises(NotAllowed):
            services.submission_grade(actor=person, submission=submission, feedback="Mine")
    services.submission_grade(actor=assistant, submission=submission, feedback="Seen.")


def test_a_new_key_grades_again_what_rules_graded(
    sent: list[Any], assessment: Assessment, submission: Submission
) -> None:
    teacher, questions = assessment.classroom.teacher, by_type(assessment)
    choice, essay = questions["multiple_choice"], questions["essay"]
    services.submission_grade(
        actor=teacher,
        submission=submission,
        grades=[GradeInput(question_id=essay.pk, points=Decimal(5))],
    )
    services.question_update(actor=teacher, question=choice, correct_answer="b")
    submission.refresh_from_db()
    assert submission.score == 13
    assert sent[-1] == {str(choice.pk): sent[-1][str(choice.pk)]}
    assert sent[-1][str(choice.pk)].fraction == 0
    # A grade that a person gave stays.
    services.submission_grade(
        actor=teacher,
        submission=submission,
        grades=[GradeInput(question_id=choice.pk, points=Decimal(1))],
    )
    services.question_update(actor=teacher, question=choice, correct_answer="a")
    submission.refresh_from_db()
    assert submission.score == 14


def test_a_receiver_that_fails_undoes_the_grading(assessment: Assessment, student: User) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("no mastery today")

    attempt = services.attempt_start(user=student, assessment=assessment)
    answers_graded.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            services.attempt_submit(user=student, attempt=attempt)
    finally:
        answers_graded.disconnect(fail)
    assert not Submission.objects.exists()
    attempt.refresh_from_db()
    assert attempt.state == "in_progress"
