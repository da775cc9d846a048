"""Assessments in the admin: writing, grading, reports, and who sees what."""

from typing import Any

import pytest
from django.test import Client, TestCase
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory
from assessments import services
from assessments.models import Assessment, Question, Submission
from assessments.tests.factories import (
    by_type,
    make_assessment,
    make_student,
    picture,
    right_answers,
)
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:assessments_{name}", args=args)


def question_rows(rows: list[dict[str, Any]], existing: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {
        "questions-TOTAL_FORMS": len(rows),
        "questions-INITIAL_FORMS": existing,
    }
    for number, row in enumerate(rows):
        data |= {f"questions-{number}-{name}": value for name, value in row.items()}
    return data


def assessment_body(classroom: Classroom, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "classroom": str(classroom.pk),
        "title": "Rivers",
        "type": "quiz",
        "search_locked": "on",
        **question_rows(rows),
    }


CHOICE = {
    "question_type": "multiple_choice",
    "points": 3,
    "question_text": "The longest?",
    "option_lines": "Nile\nx) Rhine\nElbe",
    "correct_answer": "a",
    "explanation": "6,650 km",
}

CONFIRMED = {"_form_submitted": "True"}  # what a dialog sends


def test_a_teacher_writes_publishes_and_changes_an_assessment() -> None:
    classroom = ClassroomFactory.create()
    teacher = signed_in(classroom.teacher)
    answer = teacher.post(page("assessment_add"), assessment_body(classroom, [CHOICE]), follow=True)
    assert answer.redirect_chain, answer.context["errors"]
    assert "added successfully" in str(next(iter(answer.context["messages"])))
    assessment = Assessment.objects.get()
    assert (assessment.total_points, assessment.state.search_locked) == (3, True)
    question = assessment.questions.get()
    assert [option["id"] for option in question.options] == ["a", "x", "b"]
    assert question.guide.explanation == "6,650 km"

    change = page("assessment_change", assessment.pk)
    form = teacher.get(change)
    assert form.status_code == 200
    assert b"x) Rhine" in form.content
    row = CHOICE | {"id": str(question.pk), "assessment": str(assessment.pk), "order_index": 0}
    row |= {"option_lines": "a) Nile\nx) Rhine\nb) Elbe", "points": 5}
    essay = {"question_type": "essay", "points": 10, "question_text": "Why?", "rubric": "Look"}
    body = assessment_body(classroom, []) | question_rows([row, essay], existing=1)
    assert teacher.post(change, body).status_code == 302
    assessment.refresh_from_db()
    assert assessment.total_points == 15
    assert [item.order_index for item in assessment.questions.all()] == [0, 1]

    publish = teacher.post(page("assessment_publish", assessment.pk), CONFIRMED)
    assert publish["HX-Redirect"] == change
    assert Assessment.objects.get().state.published_at is not None


def test_a_wrong_key_is_an_error_on_its_field() -> None:
    classroom = ClassroomFactory.create()
    body = assessment_body(classroom, [CHOICE | {"correct_answer": "z"}])
    answer = signed_in(classroom.teacher).post(page("assessment_add"), body)
    assert answer.status_code == 200
    assert "No option has the id" in answer.content.decode()
    assert not Question.objects.exists()


def test_nobody_writes_for_another_s_class() -> None:
    classroom = ClassroomFactory.create()
    other = signed_in(TeacherFactory.create())
    answer = other.post(page("assessment_add"), assessment_body(classroom, [CHOICE]))
    assert answer.status_code == 200  # the class is none of the form's choices
    assert not Assessment.objects.exists()


def handed_in(assessment: Assessment) -> Submission:
    student = make_student(assessment.classroom)
    with TestCase.captureOnCommitCallbacks(execute=True):
        attempt = services.attempt_start(user=student, assessment=assessment)
    services.attempt_autosave(
        user=student, attempt=attempt, answers=right_answers(assessment), revision=0
    )
    if assessment.is_proctored:
        session = attempt.proctor_session
        services.violation_record(user=student, session=session, type="no_face")
        services.snapshot_add(user=student, session=session, content=picture())
    with TestCase.captureOnCommitCallbacks(execute=True):
        return services.attempt_submit(user=student, attempt=attempt)


def test_grading_an_essay_and_releasing() -> None:
    assessment = make_assessment()
    submission = handed_in(assessment)
    teacher = signed_in(assessment.classroom.teacher)
    change = page("submission_change", submission.pk)
    form = teacher.get(change)
    assert form.status_code == 200
    assert b"Look for reasons." in form.content
    grades = list(submission.grades.all())
    body: dict[str, Any] = {
        "feedback": "Good.",
        "grades-TOTAL_FORMS": len(grades),
        "grades-INITIAL_FORMS": len(grades),
    }
    for number, grade in enumerate(grades):
        body[f"grades-{number}-id"] = grade.pk
        body[f"grades-{number}-submission"] = str(submission.pk)
        points = "11" if grade.points is None else grade.points
        body[f"grades-{number}-points"] = points
        if grade.points is None:
            essay = f"grades-{number}-points"
    refused = teacher.post(change, body)
    assert refused.status_code == 200
    assert "At most 10." in refused.content.decode()
    assert teacher.post(change, body | {essay: "8.5"}).status_code == 302
    submission.refresh_from_db()
    assert (str(submission.score), submission.feedback) == ("18.50", "Good.")
    assert submission.graded_by == assessment.classroom.teacher
    machine = submission.grades.exclude(question=by_type(assessment)["essay"])
    assert set(machine.values_list("graded_by", flat=True)) == {None}
    teacher.post(page("assessment_release", assessment.pk), CONFIRMED)
    assert Assessment.objects.get().state.results_released_at is not None


@pytest.mark.parametrize(
    "name", ["assessment", "question", "attempt", "submission", "proctorsession"]
)
def test_lists_show_one_s_own_classes(name: str) -> None:
    assessment = make_assessment(is_proctored=True, title="Only mine")
    handed_in(assessment)
    shown = signed_in(assessment.classroom.teacher).get(page(f"{name}_changelist"))
    assert shown.status_code == 200
    assert b"Only mine" in shown.content
    assert b"Only mine" in signed_in(AdminFactory.create()).get(shown.request["PATH_INFO"]).content
    other = signed_in(TeacherFactory.create()).get(shown.request["PATH_INFO"])
    assert b"Only mine" not in other.content


@pytest.mark.parametrize("name", ["attempt", "proctorsession", "question"])
def test_details_are_read_only(name: str) -> None:
    assessment = make_assessment(is_proctored=True)
    handed_in(assessment)
    attempt = assessment.attempts.get()
    rows = {
        "attempt": attempt,
        "proctorsession": attempt.proctor_session,
        "question": assessment.questions.first(),
    }
    change = page(f"{name}_change", rows[name].pk)
    teacher = signed_in(assessment.classroom.teacher)
    assert teacher.get(change).status_code == 200
    assert teacher.post(change, {}).status_code == 403


def test_reports_are_read_from_the_store() -> None:
    assessment = make_assessment(is_proctored=True, title="Watched exam")
    submission = handed_in(assessment)
    session = assessment.attempts.get().proctor_session
    teacher = signed_in(assessment.classroom.teacher)
    listed = teacher.get(page("proctoringreportrow_changelist"))
    assert listed.status_code == 200
    assert "Watched exam" in listed.content.decode()
    other_risk = teacher.get(page("proctoringreportrow_changelist"), {"risk": "high"})
    assert "Watched exam" not in other_risk.content.decode()
    forged = teacher.get(page("proctoringreportrow_changelist"), {"after": "x"})
    assert forged.status_code == 400
    detail = page("proctoringreportrow_change", session.pk)
    shown = teacher.get(detail).content.decode()
    assert "No Face" in shown
    assert str(submission.user) in shown
    link = shown.split('<img class="rounded-default" loading="lazy" src="')[1].split('"')[0]
    assert teacher.get(link)["Content-Type"] == "image/png"
    assert signed_in(TeacherFactory.create()).get(detail).status_code == 404
    assert signed_in(submission.user).get(detail).status_code == 302  # to the sign-in page
