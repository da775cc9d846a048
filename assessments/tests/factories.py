"""Assessments for tests, written by the services."""

from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from assessments.models import Assessment, Question
from assessments.services import QuestionInput, assessment_create, assessment_publish
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config.times import to_milliseconds

NOW = to_milliseconds(timezone.now())  # what every engine keeps

CHOICE = QuestionInput(
    question_text="The capital of France?",
    question_type="multiple_choice",
    points=2,
    options=["Paris", "Rome", "Berlin"],
    correct_answer="a",
    explanation="It has been since 987.",
)
SELECT = QuestionInput(
    question_text="Which are prime?",
    question_type="multiple_select",
    points=4,
    options=["2", "3", "4", "5"],
    correct_answer="a, b, d",
)
TRUTH = QuestionInput(
    question_text="Zero is even.", question_type="true_false", points=1, correct_answer="true"
)
SHORT = QuestionInput(
    question_text="H2O is …",
    question_type="short_answer",
    points=1,
    correct_answer="water\ndihydrogen monoxide",
)
NUMBER = QuestionInput(
    question_text="Pi?", question_type="numeric", points=2, correct_answer="3.14 +- 0.01"
)
ESSAY = QuestionInput(
    question_text="Why read?", question_type="essay", points=10, rubric="Look for reasons."
)
EVERY_TYPE = (CHOICE, SELECT, TRUTH, SHORT, NUMBER, ESSAY)


def make_assessment(
    *,
    classroom: Classroom | None = None,
    questions: tuple[QuestionInput, ...] = EVERY_TYPE,
    publish: bool = True,
    **fields: Any,
) -> Assessment:
    """An assessment by the class's teacher, published unless told otherwise."""
    classroom = classroom or ClassroomFactory.create()
    assessment = assessment_create(
        actor=classroom.teacher,
        classroom=classroom,
        questions=questions,
        **{"title": "Quiz", "type": "quiz", **fields},
    )
    if publish:
        assessment_publish(actor=classroom.teacher, assessment=assessment)
    return Assessment.objects.select_related("state", "classroom").get(pk=assessment.pk)


def make_student(classroom: Classroom) -> User:
    """A student of the class."""
    student: User = UserFactory.create()
    MemberFactory.create(classroom=classroom, user=student)
    return student


def by_type(assessment: Assessment) -> dict[str, Question]:
    """The questions by their type, for an assessment with one of each."""
    return {question.question_type: question for question in assessment.questions.all()}


def right_answers(assessment: Assessment) -> dict[str, Any]:
    """A right answer to every question of EVERY_TYPE, and an essay."""
    values: dict[str, Any] = {
        "multiple_choice": "a",
        "multiple_select": ["b", "d", "a"],
        "true_false": True,
        "short_answer": "  Water ",
        "numeric": 3.145,
        "essay": "Because.",
    }
    return {
        str(question.pk): values[question.question_type] for question in assessment.questions.all()
    }


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    """A small picture of a format that Pillow names."""
    content = BytesIO()
    Image.new("RGB", size, "navy").save(content, kind)
    return content.getvalue()


def signed_in(user: User) -> APIClient:
    """A client of the API that is this user's."""
    client = APIClient()
    client.force_authenticate(user)
    return client
