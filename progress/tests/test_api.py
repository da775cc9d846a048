"""The API of topics and progress: by role, by class, by class's edge."""

from typing import Any
from uuid import uuid4

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from progress.models import Progress, QuestionTopic, Topic
from progress.services import mastery_record
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


def as_user(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user: User, path: str, **body: Any) -> Any:
    return as_user(user).post(f"/api/v1/{path}", body, format="json")


def get(user: User, path: str) -> Any:
    return as_user(user).get(f"/api/v1/{path}")


class Graded:
    """A student of a class, whose answer to a question of a topic was graded."""

    def __init__(self) -> None:
        self.student: User = UserFactory.create()
        self.classroom = MemberFactory.create(user=self.student).classroom
        self.teacher: User = self.classroom.teacher
        self.assessment = AssessmentFactory.create(classroom=self.classroom)
        self.question = QuestionFactory.create(assessment=self.assessment)
        self.topic = QuestionTopicFactory.create(question=self.question).topic
        (self.row,) = mastery_record(
            user=self.student, outcomes=[graded(self.question, 1)], answered_at=NOON
        )

    def explanation(self, caller: User) -> Any:
        return get(caller, f"progress/{self.row.pk}/explanation")


def test_teachers_make_topics_and_students_read_them() -> None:
    teacher = TeacherFactory.create()
    first = post(teacher, "topics", subject=" History ", name="Rome")
    assert first.status_code == 201
    second = post(
        teacher, "topics", subject="History", name="Caesar", prerequisites=[first.json()["id"]]
    )
    assert second.status_code == 201
    listed = get(UserFactory.create(), "topics?subject=History").json()["results"]
    assert [topic["name"] for topic in listed] == ["Caesar", "Rome"]
    assert listed[0]["prerequisites"] == [first.json()["id"]]
    assert post(UserFactory.create(), "topics", subject="a", name="b").status_code == 403


def test_a_topic_that_is_none() -> None:
    teacher = TeacherFactory.create()
    topic = TopicFactory.create(created_by=teacher)
    for body in (
        {"subject": topic.subject, "name": topic.name},
        {"subject": "", "name": "b"},
        {"subject": "a"},
        {"subject": "a", "name": "b", "prerequisites": [str(uuid4())]},
        {"subject": "a", "name": "b", "colour": "red"},
    ):
        assert post(teacher, "topics", **body).status_code == 400
    assert Topic.objects.count() == 1


def test_prerequisites_form_no_circle() -> None:
    teacher = TeacherFactory.create()
    one, two, three = (TopicFactory.create(created_by=teacher) for _ in range(3))
    client = as_user(teacher)

    def set_prerequisites(topic: Topic, *others: Topic) -> int:
        body = {"prerequisites": [str(other.pk) for other in others]}
        response = client.patch(f"/api/v1/topics/{topic.pk}", body, format="json")
        return int(response.status_code)

    assert set_prerequisites(two, one) == set_prerequisites(three, two) == 200
    assert set_prerequisites(one, three) == set_prerequisites(one, one) == 400
    assert not one.prerequisites.exists()


def test_topics_are_changed_by_who_made_them_and_deleted_by_admins() -> None:
    topic = TopicFactory.create()
    path = f"/api/v1/topics/{topic.pk}"
    for caller, status in (
        (UserFactory.create(), 403),
        (TeacherFactory.create(), 403),
        (topic.created_by, 200),
        (AdminFactory.create(), 200),
    ):
        response = as_user(caller).patch(path, {"name": "New"}, format="json")
        assert response.status_code == status
    assert as_user(topic.created_by).delete(path).status_code == 403
    assert as_user(AdminFactory.create()).delete(path).status_code == 204


def test_a_topic_in_use_stays() -> None:
    link = QuestionTopicFactory.create()
    response = as_user(AdminFactory.create()).delete(f"/api/v1/topics/{link.topic_id}")
    assert response.status_code == 409


def test_links_belong_to_the_questions_class() -> None:
    question = QuestionFactory.create()
    teacher = question.classroom.teacher
    student = MemberFactory.create(classroom=question.classroom).user
    body = {"question": str(question.pk), "topic": str(TopicFactory.create().pk)}
    for stranger in (ClassroomFactory.create().teacher, student):
        assert post(stranger, "question-topics", **body).status_code == 400  # no such question
    for _ in range(2):  # again changes nothing
        response = post(teacher, "question-topics", **body)
        assert response.status_code == 201
    path = f"question-topics/{response.json()['id']}"
    for stranger in (ClassroomFactory.create().teacher, student):
        assert get(stranger, path).status_code == 404
        assert get(stranger, "question-topics").json()["results"] == []
        assert as_user(stranger).delete(f"/api/v1/{path}").status_code == 404
    assert len(get(teacher, "question-topics").json()["results"]) == 1
    assert as_user(teacher).delete(f"/api/v1/{path}").status_code == 204
    assert not QuestionTopic.objects.exists()


def test_an_assistant_sees_links_and_may_not_change_them() -> None:
    link = QuestionTopicFactory.create()
    assistant = MemberFactory.create(classroom=link.classroom, role="assistant").user
    assert get(assistant, f"question-topics/{link.pk}").status_code == 200
    response = as_user(assistant).delete(f"/api/v1/question-topics/{link.pk}")
    assert response.status_code == 403


def test_who_sees_whose_progress() -> None:
    made = Graded()
    colleague = TeacherFactory.create()
    assistant = MemberFactory.create(classroom=made.classroom, role="assistant").user
    release(made.assessment)
    for caller in (made.student, made.teacher, assistant, AdminFactory.create()):
        (row,) = get(caller, "progress").json()["results"]
        assert row["mastery_level"] == "0.62"
        assert row["topic"]["name"] == made.topic.name
        assert get(caller, f"progress/{made.row.pk}").status_code == 200
    classmate = MemberFactory.create(classroom=made.classroom).user
    for caller in (classmate, colleague, UserFactory.create()):
        assert get(caller, "progress").json()["results"] == []
        assert get(caller, f"progress/{made.row.pk}").status_code == 404
        assert made.explanation(caller).status_code == 404


def test_a_student_who_left_is_seen_no_more() -> None:
    made = Graded()
    made.classroom.members.all().delete()
    assert get(made.teacher, f"progress/{made.row.pk}").status_code == 404


def test_why_the_level_is_what_it_is() -> None:
    made = Graded()
    found = made.explanation(made.teacher).json()
    assert (found["mastery_level"], found["model_version"]) == ("0.62", "elo-1")
    (step,) = found["steps"]
    assert step["assessment"] == made.assessment.title
    assert (step["fraction"], step["expected"]) == (1.0, 0.5)
    assert (step["before"], step["after"]) == ("0.00", "0.62")


def test_a_teacher_is_not_told_the_name_of_another_classes_assessment() -> None:
    made = Graded()
    other = MemberFactory.create(user=made.student).classroom.teacher
    (step,) = made.explanation(other).json()["steps"]
    assert step["assessment"] is None
    assert step["fraction"] == 1.0


def test_time_adds_up() -> None:
    user, topic = UserFactory.create(), TopicFactory.create()
    for minutes in (20, 15):
        assert post(user, f"topics/{topic.pk}/time-spent", minutes=minutes).status_code == 200
    for minutes in (0, -5, 241, "x", None):
        assert post(user, f"topics/{topic.pk}/time-spent", minutes=minutes).status_code == 400
    row = Progress.objects.get()
    assert (row.time_spent_minutes, row.mastery_level) == (35, 0)
    assert post(user, f"topics/{uuid4()}/time-spent", minutes=1).status_code == 404


def test_lists_cost_the_same_for_any_number_of_rows(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    classroom = ClassroomFactory.create()
    teacher = classroom.teacher
    for count in (1, 10):
        for _ in range(count):
            student = MemberFactory.create(classroom=classroom).user
            question = QuestionFactory.create(
                assessment=AssessmentFactory.create(classroom=classroom)
            )
            topic = QuestionTopicFactory.create(question=question).topic
            topic.prerequisites.add(TopicFactory.create())
            mastery_record(user=student, outcomes=[graded(question, 1)])
        for path, queries in (("progress", 1), ("topics", 2), ("question-topics", 1)):
            with django_assert_num_queries(queries):
                assert get(teacher, path).status_code == 200
