"""Before the results are released nothing tells a learner which answers were right."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AdminFactory, UserFactory
from analytics.services import rollups_rebuild
from assessments.models import Assessment, Question
from assessments.services import (
    attempt_autosave,
    attempt_start,
    attempt_submit,
    question_update,
    results_release,
)
from assessments.tests.factories import TRUTH, make_assessment, make_student
from classrooms.tests.factories import MemberFactory
from config.stores import stores
from progress.models import Progress, Topic
from progress.services import mastery_record, question_topic_create, time_spent_record
from progress.tests.factories import (
    NOON,
    AssessmentFactory,
    QuestionFactory,
    QuestionTopicFactory,
    TopicFactory,
    graded,
    release,
)

pytestmark = pytest.mark.django_db


def get(user: User, path: str, **query: str) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/api/v1/{path}", query)


def rows(user: User) -> Any:
    return get(user, "progress").json()["results"]


class Quiz:
    """A quiz of one question of a topic, and a student of its class."""

    def __init__(self, topic: Topic | None = None, student: User | None = None) -> None:
        self.assessment: Assessment = make_assessment(questions=(TRUTH,))
        self.question: Question = self.assessment.questions.get()
        self.teacher: User = self.assessment.classroom.teacher
        self.student = student or make_student(self.assessment.classroom)
        if student:
            MemberFactory.create(classroom=self.assessment.classroom, user=student)
        self.topic: Topic = topic or TopicFactory.create()
        question_topic_create(actor=self.teacher, question=self.question, topic=self.topic)

    def answer(self, value: bool) -> None:
        attempt = attempt_start(user=self.student, assessment=self.assessment)
        answers = {str(self.question.pk): value}
        attempt_autosave(user=self.student, attempt=attempt, answers=answers, revision=0)
        attempt_submit(user=self.student, attempt=attempt)

    def release(self, now: datetime | None = None) -> None:
        results_release(actor=self.teacher, assessment=self.assessment, now=now)


def numbers(row: Any) -> Any:
    return row["mastery_level"], row["last_activity"], row["time_spent_minutes"]


@pytest.mark.parametrize("right", [True, False])
def test_a_quiz_of_one_question_cannot_be_read_off(right: bool) -> None:
    quiz = Quiz()
    quiz.answer(right)
    row = Progress.objects.get()
    assert rows(quiz.student) == []
    for path in (f"progress/{row.pk}", f"progress/{row.pk}/explanation"):
        assert get(quiz.student, path).status_code == 404
    level = "0.62" if right else "0.38"
    for caller in (quiz.teacher, AdminFactory.create()):
        assert get(caller, f"progress/{row.pk}").json()["mastery_level"] == level
        assert rows(caller)[0]["mastery_level"] == level
        explained = get(caller, f"progress/{row.pk}/explanation").json()
        assert (explained["mastery_level"], len(explained["steps"])) == (level, 1)
    (submission,) = get(quiz.student, "submissions").json()["results"]
    assert submission["score"] is submission["graded_at"] is submission["feedback"] is None

    quiz.release()
    assert [shown["mastery_level"] for shown in rows(quiz.student)] == [level]
    explained = get(quiz.student, f"progress/{row.pk}/explanation").json()
    assert (explained["mastery_level"], len(explained["steps"])) == (level, 1)


@pytest.mark.parametrize("right", [True, False])
def test_what_was_released_earlier_stays_as_it_was_until_the_next_release(right: bool) -> None:
    first = Quiz()
    first.answer(True)
    first.release()
    before = rows(first.student)
    second = Quiz(first.topic, first.student)
    second.answer(right)
    assert rows(first.student) == before
    row = Progress.objects.get()
    shown = get(first.student, f"progress/{row.pk}/explanation").json()
    assert (shown["mastery_level"], len(shown["steps"])) == ("0.62", 1)
    second.release()
    (after,) = rows(first.student)
    assert after["mastery_level"] == str(row.mastery_level)
    assert after["last_activity"] > before[0]["last_activity"]


@pytest.mark.parametrize("right", [True, False])
def test_time_that_is_added_tells_no_level(right: bool) -> None:
    quiz = Quiz()
    time_spent_record(user=quiz.student, topic=quiz.topic, minutes=5)
    quiz.answer(right)
    assert [numbers(row) for row in rows(quiz.student)] == [("0.00", None, 5)]
    client = APIClient()
    client.force_authenticate(quiz.student)
    answer = client.post(f"/api/v1/topics/{quiz.topic.pk}/time-spent", {"minutes": 5})
    shown = answer.json()
    assert (shown["mastery_level"], shown["time_spent_minutes"]) == ("0.00", 10)
    assert shown["last_activity"] is not None


def test_rows_without_a_last_activity_come_last_on_every_page() -> None:
    student = UserFactory.create()
    for number in range(5):
        link = QuestionTopicFactory.create()
        time_spent_record(user=student, topic=link.topic, minutes=1)
        if number < 2:  # the newest thing in these is hidden
            later = timezone.now() + timedelta(hours=1)
            mastery_record(user=student, outcomes=[graded(link.question, 1)], answered_at=later)
    page, seen = get(student, "progress", page_size="2").json(), []
    while True:
        seen += [row["last_activity"] for row in page["results"]]
        if not page["next"]:
            break
        page = get(student, page["next"].split("/api/v1/")[1]).json()
    assert len(seen) == 5
    assert seen[3:] == [None, None]
    assert seen[:3] == sorted(seen[:3], reverse=True)


def test_own_rows_cost_one_query_more_however_many_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    student = UserFactory.create()
    for count in (1, 10):
        for _ in range(count):
            assessment = AssessmentFactory.create()
            question = QuestionFactory.create(assessment=assessment)
            QuestionTopicFactory.create(question=question)
            mastery_record(user=student, outcomes=[graded(question, 1)], answered_at=NOON)
            release(assessment)
        with django_assert_num_queries(2):
            assert rows(student)[0]["mastery_level"] == "0.62"


def kinds(user: User, moment: datetime) -> list[str]:
    hour = moment.astimezone(UTC)
    return sorted(event.event_type for event in stores["events"].of_hour(hour, user_ids={user.pk}))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("right", [True, False])
def test_analytics_hears_of_grades_when_they_are_released(right: bool) -> None:
    quiz = Quiz()
    quiz.answer(right)
    now = timezone.now()
    released = now + timedelta(days=1)
    assert kinds(quiz.student, now) == []
    actions = {entry["action"] for entry in get(quiz.student, "activity").json()["results"]}
    assert actions == {"attempt_start", "attempt_submit"}

    quiz.release(released)
    assert kinds(quiz.student, now) == []
    assert kinds(quiz.student, released) == ["answer_graded"]
    day = released.date()
    rollups_rebuild(start=day, end=day, now=released + timedelta(days=1))
    (week,) = get(quiz.student, "analytics/learning-progress", subject="Mathematics").json()[
        "results"
    ]
    assert week["average_score"] == float(right)

    question_update(actor=quiz.teacher, question=quiz.question, correct_answer="false")
    assert kinds(quiz.student, released).count("answer_graded") == 2


@pytest.mark.django_db(transaction=True)
def test_a_topic_is_mastered_by_what_is_released() -> None:
    student, topic = UserFactory.create(), TopicFactory.create()
    quizzes = [Quiz(topic, student) for _ in range(7)]
    for quiz in quizzes:
        quiz.answer(True)
    at = timezone.now() + timedelta(days=1)
    for number, quiz in enumerate(quizzes, 1):
        quiz.release(at)
        assert kinds(student, at).count("topic_mastered") == (number == 7)
        assert kinds(student, at).count("answer_graded") == number
