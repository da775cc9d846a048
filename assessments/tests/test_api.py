"""The API, by role: what it takes, what it answers, and what it never tells."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import TeacherFactory, UserFactory
from assessments import services
from assessments.models import Assessment, Attempt, ProctorSession, Submission
from assessments.tests.factories import (
    by_type,
    make_assessment,
    make_student,
    right_answers,
    signed_in,
)
from classrooms.tests.factories import ClassroomFactory
from config import limits

pytestmark = pytest.mark.django_db
API = "/api/v1"

DRAFT: dict[str, Any] = {
    "title": "Exam",
    "type": "exam",
    "time_limit_minutes": 60,
    "total_points": 7,
    "questions": [
        {
            "question_text": "2 + 2?",
            "question_type": "multiple_choice",
            "points": 2,
            "options": [{"id": "a", "text": "4"}, {"id": "b", "text": "5"}],
            "correct_answer": "a",
        },
        {"question_text": "Why?", "question_type": "essay", "points": 5, "rubric": "Reasons."},
    ],
}


def test_a_whole_assessment_over_the_api() -> None:
    classroom = ClassroomFactory.create()
    teacher, student = signed_in(classroom.teacher), signed_in(make_student(classroom))

    made = teacher.post(f"{API}/assessments", DRAFT | {"classroom": str(classroom.pk)})
    assert made.status_code == 201, made.data
    pk, (choice, essay) = made.data["id"], [item["id"] for item in made.data["questions"]]
    assert student.get(f"{API}/assessments/{pk}").status_code == 404
    changed = teacher.patch(f"{API}/questions/{choice}", {"points": 3})
    assert (changed.status_code, changed.data["points"]) == (200, 3)
    assert teacher.post(f"{API}/assessments/{pk}/publish").data["total_points"] == 8

    assert "questions" not in student.get(f"{API}/assessments/{pk}").data
    started = student.post(f"{API}/attempts", {"assessment": pk})
    assert started.status_code == 200
    assert [item["question_text"] for item in started.data["questions"]] == ["2 + 2?", "Why?"]
    attempt = f"{API}/attempts/{started.data['id']}"
    saved = student.patch(attempt, {"revision": 0, "answers": {choice: "a", essay: "So."}})
    assert saved.json()["revision"] == 1
    stale = student.patch(attempt, {"revision": 0, "answers": {choice: "b"}})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision")
    handed_in = student.post(f"{attempt}/submit")
    assert handed_in.data == student.post(f"{attempt}/submit").data
    assert handed_in.data["score"] is None
    submission = f"{API}/submissions/{handed_in.data['id']}"

    assert teacher.post(f"{API}/assessments/{pk}/release").status_code == 409
    graded = teacher.post(
        f"{submission}/grade",
        {"grades": [{"question": essay, "points": "4.5", "comment": "Hm."}], "feedback": "OK"},
    )
    assert (graded.status_code, graded.data["score"]) == (200, "7.50")
    assert student.get(submission).data["score"] is None
    assert student.get(submission).data["results"] is None
    assert teacher.post(f"{API}/assessments/{pk}/release").status_code == 200
    shown = student.get(submission).data
    assert (shown["score"], shown["feedback"]) == ("7.50", "OK")
    assert [item["earned"] for item in shown["results"]] == ["3.00", "4.50"]
    assert shown["results"][0]["correct_answer"] == "a"
    assert "rubric" not in json.dumps(shown, default=str)


def test_a_student_never_reads_a_secret_before_the_release() -> None:
    secrets = ["secretkey", "secretoption", "secretexplanation", "secretrubric", "secretcomment"]
    secret = services.QuestionInput(
        question_text="Say it.",
        question_type="short_answer",
        points=5,
        correct_answer="secretkey",
        explanation="secretexplanation",
        rubric="secretrubric",
    )
    choice = services.QuestionInput(
        question_text="Choose.",
        question_type="multiple_select",
        points=5,
        options=[{"id": "secretoption", "text": "yes"}, {"id": "other", "text": "no"}],
        correct_answer="secretoption",
        explanation="secretexplanation",
    )
    essay = services.QuestionInput(
        question_text="Write.", question_type="essay", points=5, correct_answer="secretkey"
    )
    assessment = make_assessment(questions=(secret, choice, essay), is_proctored=True)
    teacher = assessment.classroom.teacher
    student = make_student(assessment.classroom)
    client = signed_in(student)
    bodies: list[str] = []

    def call(method: str, path: str, data: Any = None) -> Any:
        response = getattr(client, method)(f"{API}{path}", data)
        bodies.append(response.content.decode() + str(response.headers))
        return response

    def look_around() -> None:
        for path in ("assessments", "questions", "attempts", "submissions", "proctoring/reports"):
            call("get", f"/{path}")
        call("get", f"/assessments/{assessment.pk}")
        call("get", f"/questions?assessment={assessment.pk}")
        for question in assessment.questions.all():
            call("get", f"/questions/{question.pk}")
            call("patch", f"/questions/{question.pk}", {"points": 1})
            call("delete", f"/questions/{question.pk}")
        call("patch", f"/assessments/{assessment.pk}", {"title": "Mine"})
        call("post", f"/assessments/{assessment.pk}/publish")
        call("post", f"/assessments/{assessment.pk}/release")
        for attempt in Attempt.objects.all():
            call("get", f"/attempts/{attempt.pk}")
        for session in ProctorSession.objects.all():
            call("get", f"/proctoring/sessions/{session.pk}")
            call("get", f"/proctoring/reports/{session.pk}")
        for submission in Submission.objects.all():
            call("get", f"/submissions/{submission.pk}")
            call("post", f"/submissions/{submission.pk}/grade", {"feedback": "Mine"})

    look_around()
    attempt = call("post", "/attempts", {"assessment": str(assessment.pk)}).data
    wrong = {str(question.pk): 5 for question in assessment.questions.all()}
    call("patch", f"/attempts/{attempt['id']}", {"revision": 0, "answers": wrong})
    words = {str(question.pk): None for question in assessment.questions.all()}
    words[str(by_type(assessment)["essay"].pk)] = "Words"
    call("patch", f"/attempts/{attempt['id']}", {"revision": 0, "answers": words})
    call(
        "post",
        f"/proctoring/sessions/{attempt['proctor_session']}/violations",
        {"type": "tab_switch"},
    )
    look_around()
    with TestCase.captureOnCommitCallbacks(execute=True):
        call("post", f"/attempts/{attempt['id']}/submit")
    services.submission_grade(
        actor=teacher,
        submission=Submission.objects.get(),
        grades=[
            services.GradeInput(
                question_id=question.pk, points=Decimal(question.points), comment=secrets[4]
            )
            for question in assessment.questions.all()
        ],
        feedback="secretcomment",
    )
    look_around()
    everything = "\n".join(bodies)
    # The option's id is what one chooses by; that it is the right one is the secret.
    assert '"correct_answer"' not in everything and '"rubric"' not in everything
    for word in secrets:
        if word != "secretoption":
            assert word not in everything, word
    services.results_release(actor=teacher, assessment=assessment)
    bodies.clear()
    look_around()
    shown = "\n".join(bodies)
    for word in ("secretkey", "secretexplanation", "secretcomment"):
        assert word in shown
    assert "secretrubric" not in shown


def test_strangers_find_nothing(assessment: Assessment, student: User) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    submission = services.attempt_submit(user=student, attempt=attempt)
    classmate = make_student(assessment.classroom)
    for person in (UserFactory.create(), TeacherFactory.create(), classmate):
        client = signed_in(person)
        assert client.get(f"{API}/attempts/{attempt.pk}").status_code == 404
        assert client.get(f"{API}/submissions/{submission.pk}").status_code == 404
        assert client.post(f"{API}/attempts/{attempt.pk}/submit").status_code == 404
        assert client.get(f"{API}/submissions").data["results"] == []
        if person != classmate:
            assert client.get(f"{API}/assessments/{assessment.pk}").status_code == 404
            start = client.post(f"{API}/attempts", {"assessment": str(assessment.pk)})
            assert start.status_code == 404
            draft = DRAFT | {"classroom": str(assessment.classroom.pk)}
            assert client.post(f"{API}/assessments", draft).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answers": {}}, "revision"),
        ({"revision": 0}, "answers"),
        ({"revision": -1, "answers": {}}, "revision"),
        ({"revision": 0, "answers": []}, "answers"),
        ({"revision": 0, "answers": {}, "score": 10}, "score"),
        ({"revision": 0, "answers": {"nothing": "x"}}, "answers.nothing"),
    ],
)
def test_bad_saves(assessment: Assessment, student: User, body: Any, field: str) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    answer = signed_in(student).patch(f"{API}/attempts/{attempt.pk}", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_malformed_json_is_a_problem(assessment: Assessment, student: User) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    answer = signed_in(student).patch(
        f"{API}/attempts/{attempt.pk}", "{", content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_bad_questions_are_named() -> None:
    classroom = ClassroomFactory.create()
    questions = [DRAFT["questions"][0], DRAFT["questions"][0] | {"correct_answer": "z"}]
    body = DRAFT | {"classroom": str(classroom.pk), "questions": questions, "total_points": 4}
    answer = signed_in(classroom.teacher).post(f"{API}/assessments", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["questions.1.correct_answer"]
    assert not Assessment.objects.exists()


def test_an_overdue_attempt_is_submitted_when_it_is_looked_at(
    assessment: Assessment, student: User
) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    Attempt.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert signed_in(student).get(f"{API}/attempts/{attempt.pk}").data["state"] == "expired"
    assert len(signed_in(student).get(f"{API}/submissions").data["results"]) == 1


def test_starts_are_limited(assessment: Assessment, student: User) -> None:
    client = signed_in(student)
    for _ in range(limits.RATE_LIMITS["exam_start"]):
        client.post(f"{API}/attempts", {"assessment": str(assessment.pk)})
    limited = client.post(f"{API}/attempts", {"assessment": str(assessment.pk)})
    assert limited.status_code == 429
    assert int(limited["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["assessments", "questions", "attempts", "submissions"])
def test_lists_take_as_many_queries_for_many_rows(path: str) -> None:
    classroom = ClassroomFactory.create()
    teacher = signed_in(classroom.teacher)

    def add() -> None:
        assessment = make_assessment(classroom=classroom)
        student = make_student(classroom)
        attempt = services.attempt_start(user=student, assessment=assessment)
        services.attempt_autosave(
            user=student, attempt=attempt, answers=right_answers(assessment), revision=0
        )
        services.attempt_submit(user=student, attempt=attempt)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert teacher.get(f"{API}/{path}").status_code == 200
        return len(captured)

    add()
    few = queries()
    add()
    add()
    assert queries() == few <= 6
