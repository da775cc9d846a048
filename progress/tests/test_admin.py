"""Topics and progress in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from progress.models import MasteryEvidence, Progress, QuestionTopic, Topic
from progress.services import mastery_record
from progress.tests.factories import NOON, QuestionTopicFactory, TopicFactory, graded

pytestmark = pytest.mark.django_db

LISTS = ("topic", "questiontopic", "progress", "masteryevidence")


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, name: str, *args: Any) -> Any:
    return as_user(user).get(reverse(f"admin:progress_{name}", args=args), secure=True)


def post(user: User, view: str, *args: Any, **body: Any) -> Any:
    address = reverse(f"admin:progress_{view}", args=args)
    return as_user(user).post(address, body, secure=True)


@pytest.fixture
def row() -> Progress:
    """The progress of a student, by one graded answer in their class."""
    link = QuestionTopicFactory.create()
    student = MemberFactory.create(classroom=link.classroom).user
    (row,) = mastery_record(user=student, outcomes=[graded(link.question, 1)], answered_at=NOON)
    return row


def test_every_list_opens(row: Progress) -> None:
    teacher = QuestionTopic.objects.get().classroom.teacher
    for caller in (teacher, AdminFactory.create()):
        for name in LISTS:
            response = get(caller, f"{name}_changelist")
            assert response.status_code == 200
            assert row.topic.name in response.content.decode()


def test_another_classes_rows_are_not_there(row: Progress) -> None:
    stranger = ClassroomFactory.create().teacher
    for name in LISTS[1:]:
        response = get(stranger, f"{name}_changelist")
        assert row.topic.name not in response.content.decode()
    for name, pk in (
        ("progress", row.pk),
        ("masteryevidence", MasteryEvidence.objects.get().pk),
        ("questiontopic", QuestionTopic.objects.get().pk),
    ):
        assert get(stranger, f"{name}_change", pk).status_code in (302, 403, 404)


def test_the_page_of_a_level_says_why(row: Progress) -> None:
    teacher = QuestionTopic.objects.get().classroom.teacher
    text = get(teacher, "progress_change", row.pk).content.decode()
    assert "elo-1" in text
    assert "2026-03-04 12:00" in text
    assert post(teacher, "progress_change", row.pk, mastery_level="1").status_code in (302, 403)
    row.refresh_from_db()
    assert f"{row.mastery_level}" == "0.62"


def test_a_teacher_makes_changes_and_cannot_close_a_circle() -> None:
    teacher = TeacherFactory.create()
    first = TopicFactory.create(created_by=teacher)
    assert (
        post(
            teacher, "topic_add", subject="History", name="Rome", prerequisites=[first.pk]
        ).status_code
        == 302
    )
    made = Topic.objects.get(name="Rome")
    assert (made.created_by, list(made.prerequisites.all())) == (teacher, [first])
    post(
        teacher,
        "topic_change",
        first.pk,
        subject=first.subject,
        name=first.name,
        prerequisites=[made.pk],
    )
    assert not first.prerequisites.exists()


def test_a_teacher_links_a_question_of_their_own_class() -> None:
    theirs, other = QuestionTopicFactory.create(), QuestionTopicFactory.create()
    topic, teacher = TopicFactory.create(), theirs.classroom.teacher
    post(teacher, "questiontopic_add", question=theirs.question_id, topic=topic.pk)
    post(teacher, "questiontopic_add", question=other.question_id, topic=topic.pk)
    assert [link.question for link in QuestionTopic.objects.filter(topic=topic)] == [
        theirs.question
    ]


def test_a_teacher_who_learns_meets_their_own_level_in_the_api_alone() -> None:
    link, teacher = QuestionTopicFactory.create(), TeacherFactory.create()
    MemberFactory.create(classroom=link.classroom, user=teacher)
    (row,) = mastery_record(user=teacher, outcomes=[graded(link.question, 1)], answered_at=NOON)
    assert str(row.pk) not in get(teacher, "progress_changelist").content.decode()
    assert get(teacher, "progress_change", row.pk).status_code in (302, 403, 404)


def test_students_stay_outside() -> None:
    assert get(UserFactory.create(), "topic_changelist").status_code == 302
