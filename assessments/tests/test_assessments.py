"""Writing, publishing and releasing, and who may."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from assessments import services
from assessments.models import Assessment, Question
from assessments.tests.factories import CHOICE, ESSAY, TRUTH, by_type, make_assessment, make_student
from classrooms.models import MemberRole
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config.errors import Conflict, InvalidInput, NotAllowed

pytestmark = pytest.mark.django_db


def test_the_total_is_the_sum_of_the_points() -> None:
    assessment = make_assessment(questions=(CHOICE, ESSAY), publish=False)
    assert assessment.total_points == 12
    teacher = assessment.classroom.teacher
    added = services.question_create(actor=teacher, assessment=assessment, question=TRUTH)
    assert added.order_index == 2
    services.question_update(actor=teacher, question=added, points=5)
    assessment.refresh_from_db()
    assert assessment.total_points == 17
    services.question_delete(actor=teacher, question=added)
    assessment.refresh_from_db()
    assert assessment.total_points == 12


def test_a_total_that_does_not_match_is_refused_and_nothing_is_stored() -> None:
    with pytest.raises(InvalidInput) as caught:
        make_assessment(questions=(CHOICE,), total_points=3)
    assert "total_points" in caught.value.errors


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\x00"}, "title"),
        ({"type": "song"}, "type"),
        ({"time_limit_minutes": 0}, "time_limit_minutes"),
        (
            {"questions": (CHOICE, replace(CHOICE, correct_answer="z"))},
            "questions.1.correct_answer",
        ),
        ({"questions": (replace(CHOICE, points=0),)}, "questions.0.points"),
        ({"questions": (replace(ESSAY, points=999), CHOICE)}, "points"),
        ({"questions": (CHOICE,) * 201}, "questions"),
    ],
)
def test_bad_input(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_assessment(**changes)
    assert list(caught.value.errors) == [field]
    assert not Question.objects.exists() or not field.startswith("questions")


def test_publishing_needs_questions_and_time() -> None:
    empty = make_assessment(questions=(), publish=False)
    teacher = empty.classroom.teacher
    with pytest.raises(Conflict):
        services.assessment_publish(actor=teacher, assessment=empty)
    past = make_assessment(due_date=timezone.now() - timedelta(days=1), publish=False)
    with pytest.raises(Conflict):
        services.assessment_publish(actor=past.classroom.teacher, assessment=past)


def test_once_started_the_form_of_questions_is_fixed(assessment: Assessment, student: User) -> None:
    services.attempt_start(user=student, assessment=assessment)
    teacher = assessment.classroom.teacher
    choice = by_type(assessment)["multiple_choice"]
    for change in ({"points": 3}, {"options": ["x", "y"]}):
        with pytest.raises(Conflict):
            services.question_update(actor=teacher, question=choice, **change)
    with pytest.raises(Conflict):
        services.question_delete(actor=teacher, question=choice)
    with pytest.raises(Conflict):
        services.question_create(actor=teacher, assessment=assessment, question=TRUTH)
    with pytest.raises(Conflict):
        services.assessment_delete(actor=teacher, assessment=assessment)
    with pytest.raises(Conflict):
        services.assessment_update(actor=teacher, assessment=assessment, is_proctored=True)
    services.question_update(actor=teacher, question=choice, question_text="Typo mended?")


def test_release_waits_for_attempts_and_grades(assessment: Assessment, student: User) -> None:
    teacher = assessment.classroom.teacher
    attempt = services.attempt_start(user=student, assessment=assessment)
    with pytest.raises(Conflict, match="running"):
        services.results_release(actor=teacher, assessment=assessment)
    essay = by_type(assessment)["essay"]
    services.attempt_autosave(
        user=student, attempt=attempt, answers={str(essay.pk): "Words"}, revision=0
    )
    submission = services.attempt_submit(user=student, attempt=attempt)
    with pytest.raises(Conflict, match="graded"):
        services.results_release(actor=teacher, assessment=assessment)
    grade = services.GradeInput(question_id=essay.pk, points=Decimal(7))
    services.submission_grade(actor=teacher, submission=submission, grades=[grade])
    released = services.results_release(actor=teacher, assessment=assessment)
    assert released.state.results_released_at is not None
    late = make_student(assessment.classroom)
    with pytest.raises(Conflict, match="released"):
        services.attempt_start(user=late, assessment=assessment)


def test_who_may_write_and_release(assessment: Assessment, student: User) -> None:
    classroom = assessment.classroom
    assistant = UserFactory.create()
    MemberFactory.create(classroom=classroom, user=assistant, role=MemberRole.ASSISTANT)
    colleague = TeacherFactory.create()
    MemberFactory.create(classroom=classroom, user=colleague, role=MemberRole.TEACHER)
    question = by_type(assessment)["true_false"]
    for person in (student, assistant, TeacherFactory.create(), UserFactory.create()):
        for call in (
            lambda who: services.assessment_create(
                actor=who, classroom=classroom, title="T", type="quiz"
            ),
            lambda who: services.assessment_update(actor=who, assessment=assessment, title="T"),
            lambda who: services.assessment_publish(actor=who, assessment=assessment),
            lambda who: services.results_release(actor=who, assessment=assessment),
            lambda who: services.assessment_delete(actor=who, assessment=assessment),
            lambda who: services.question_create(actor=who, assessment=assessment, question=TRUTH),
            lambda who: services.question_update(actor=who, question=question, points=1),
            lambda who: services.question_delete(actor=who, question=question),
        ):
            with pytest.raises(NotAllowed):
                call(person)
    for person in (classroom.teacher, colleague, AdminFactory.create()):
        services.assessment_update(actor=person, assessment=assessment, title=person.email)


def test_students_see_only_what_is_published() -> None:
    classroom = ClassroomFactory.create()
    draft = make_assessment(classroom=classroom, publish=False)
    published = make_assessment(classroom=classroom)
    student = make_student(classroom)
    assert set(Assessment.objects.visible_to(student)) == {published}
    assert set(Assessment.objects.visible_to(classroom.teacher)) == {draft, published}
    assert not Assessment.objects.visible_to(TeacherFactory.create()).exists()
    assert not Question.objects.visible_to(student).exists()
    with pytest.raises(NotAllowed):
        services.attempt_start(user=student, assessment=draft)


def test_a_moved_due_date_moves_the_running_attempts(student: User, assessment: Assessment) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    assert attempt.expires_at is None
    due = timezone.now() + timedelta(hours=1)
    teacher = assessment.classroom.teacher
    services.assessment_update(actor=teacher, assessment=assessment, due_date=due)
    attempt.refresh_from_db()
    assert attempt.expires_at == due
