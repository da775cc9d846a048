"""Topics, questions and graded answers for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.tests.factories import TeacherFactory
from assessments.models import Assessment, AssessmentState, Question, Submission
from assessments.signals import GradedAnswer
from classrooms.tests.factories import ClassroomFactory
from progress.models import QuestionTopic, Topic

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class TopicFactory(DjangoModelFactory):
    """A topic of mathematics."""

    class Meta:
        model = Topic

    subject = "Mathematics"
    name = factory.Sequence(lambda n: f"Topic {n:03}")
    created_by = factory.SubFactory(TeacherFactory)


class AssessmentFactory(DjangoModelFactory):
    """A published quiz whose results are not released."""

    class Meta:
        model = Assessment
        skip_postgeneration_save = True

    classroom = factory.SubFactory(ClassroomFactory)
    title = factory.Sequence(lambda n: f"Quiz {n}")
    type = "quiz"
    total_points = 10

    @factory.post_generation
    def state(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        AssessmentState.objects.create(assessment=self, published_at=NOON, **kwargs)  # type: ignore[misc]


class QuestionFactory(DjangoModelFactory):
    """An essay."""

    class Meta:
        model = Question

    assessment = factory.SubFactory(AssessmentFactory)
    question_text = "Why?"
    question_type = "essay"
    points = 5
    order_index = factory.Sequence(lambda n: n)


class QuestionTopicFactory(DjangoModelFactory):
    """A question that tests a topic."""

    class Meta:
        model = QuestionTopic

    question = factory.SubFactory(QuestionFactory)
    topic = factory.SubFactory(TopicFactory)


class SubmissionFactory(DjangoModelFactory):
    """What a student handed in at NOON."""

    class Meta:
        model = Submission

    assessment = factory.SubFactory(AssessmentFactory)
    answers = factory.LazyFunction(dict)
    submitted_at = NOON


def release(*assessments: Assessment) -> None:
    """Release results, without the rest of what a release does."""
    for assessment in assessments:
        AssessmentState.objects.filter(assessment=assessment).update(results_released_at=NOON)


def graded(question: Question, fraction: float, *, hours: int = 0) -> GradedAnswer:
    """A grade, so many hours after NOON."""
    return GradedAnswer(question.pk, fraction, NOON + timedelta(hours=hours))
