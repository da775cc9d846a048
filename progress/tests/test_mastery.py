"""Mastery: moved by grades, never twice by one, the same in any order, safe when concurrent."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.factories import UserFactory
from analytics.tests.threads import in_threads
from assessments.signals import answers_graded
from config.errors import InvalidInput
from config.stores import stores
from progress import mastery
from progress.models import MasteryEvidence, Progress, Topic
from progress.services import mastery_record
from progress.tests.factories import (
    NOON,
    QuestionFactory,
    QuestionTopicFactory,
    SubmissionFactory,
    TopicFactory,
    graded,
    release,
)


def level(user: User, topic: Topic) -> Decimal:
    return Progress.objects.get(user=user, topic=topic).mastery_level or Decimal(0)


def test_the_model_follows_its_formula() -> None:
    assert mastery.level([]) == 0
    assert mastery.level(mastery.trace([1.0])) == Decimal("0.62")  # 1 / (1 + e^-0.5)
    assert mastery.level(mastery.trace([0.0])) == Decimal("0.38")
    assert mastery.level(mastery.trace([0.5])) == Decimal("0.50")
    assert mastery.level(mastery.trace([1.0] * 7)) >= mastery.MASTERED
    assert mastery.level(mastery.trace([1.0] * 1000)) <= 1
    assert mastery.level(mastery.trace([0.0] * 1000)) >= 0


def test_a_later_answer_weighs_more_than_the_same_one_earlier() -> None:
    rising, falling = mastery.trace([0, 0, 1, 1]), mastery.trace([1, 1, 0, 0])
    assert rising[-1].after > falling[-1].after


@pytest.mark.django_db
class TestRecord:
    def test_a_grade_moves_every_topic_of_its_question(self) -> None:
        user, question = UserFactory.create(), QuestionFactory.create()
        topics = [QuestionTopicFactory.create(question=question).topic for _ in range(2)]
        moved = mastery_record(user=user, outcomes=[graded(question, 1)], answered_at=NOON)
        assert {row.topic for row in moved} == set(topics)
        assert [level(user, topic) for topic in topics] == [Decimal("0.62")] * 2
        assert MasteryEvidence.objects.count() == 2
        evidence = MasteryEvidence.objects.filter(topic=topics[0]).get()
        assert evidence.mastery_after == Decimal("0.62")
        assert evidence.model_version == mastery.MODEL_VERSION

    def test_a_question_without_a_topic_moves_nothing(self) -> None:
        user = UserFactory.create()
        assert mastery_record(user=user, outcomes=[graded(QuestionFactory.create(), 1)]) == []
        assert mastery_record(user=user, outcomes=[]) == []
        assert not Progress.objects.exists()

    def test_the_same_grade_again_changes_nothing(self) -> None:
        user, link = UserFactory.create(), QuestionTopicFactory.create()
        for _ in range(3):
            mastery_record(user=user, outcomes=[graded(link.question, 1)])
        assert level(user, link.topic) == Decimal("0.62")
        assert MasteryEvidence.objects.count() == 1

    def test_a_regrade_takes_the_place_of_the_first_grade(self) -> None:
        user, topic = UserFactory.create(), TopicFactory.create()
        first, second = (QuestionTopicFactory.create(topic=topic).question for _ in range(2))
        mastery_record(user=user, outcomes=[graded(first, 0)], answered_at=NOON)
        later = NOON + timedelta(days=1)
        mastery_record(user=user, outcomes=[graded(second, 1, hours=24)], answered_at=later)
        mastery_record(user=user, outcomes=[graded(first, 0.5, hours=48)], answered_at=NOON)
        expected = mastery.level(mastery.trace([0.5, 1.0]))
        assert level(user, topic) == expected
        assert MasteryEvidence.objects.count() == 3  # added, never changed
        assert MasteryEvidence.objects.latest("pk").mastery_after == expected

    def test_the_order_of_grading_does_not_matter(self) -> None:
        one, two, topic = UserFactory.create(), UserFactory.create(), TopicFactory.create()
        questions = [QuestionTopicFactory.create(topic=topic).question for _ in range(3)]
        answers = [
            (graded(question, fraction, hours=100), NOON + timedelta(days=day))
            for day, (question, fraction) in enumerate(zip(questions, (1, 0, 1), strict=True))
        ]
        for outcome, answered_at in answers:
            mastery_record(user=one, outcomes=[outcome], answered_at=answered_at)
        for outcome, answered_at in reversed(answers):
            mastery_record(user=two, outcomes=[outcome], answered_at=answered_at)
        assert level(one, topic) == level(two, topic) == mastery.level(mastery.trace([1, 0, 1]))

    def test_a_fraction_is_a_fraction(self) -> None:
        link = QuestionTopicFactory.create()
        for fraction in (-0.1, 1.1, float("nan")):
            with pytest.raises(InvalidInput):
                mastery_record(
                    user=UserFactory.create(), outcomes=[graded(link.question, fraction)]
                )
        assert not Progress.objects.exists()

    def test_evidence_is_never_changed(self) -> None:
        link = QuestionTopicFactory.create()
        mastery_record(user=UserFactory.create(), outcomes=[graded(link.question, 1)])
        with pytest.raises(TypeError):
            MasteryEvidence.objects.get().save()

    def test_grading_moves_mastery_in_its_own_transaction(self) -> None:
        link = QuestionTopicFactory.create()
        submission = SubmissionFactory.create(
            assessment=link.question.assessment, user=UserFactory.create()
        )
        outcomes = [graded(link.question, 1)]
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            answers_graded.send(type(submission), submission=submission, outcomes=outcomes)
            raise ZeroDivisionError
        assert not Progress.objects.exists()
        answers_graded.send(type(submission), submission=submission, outcomes=outcomes)
        row = Progress.objects.get()
        assert (row.user, row.last_activity) == (submission.user, NOON)

    def test_the_number_of_queries_does_not_grow(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        user = UserFactory.create()
        questions = [QuestionTopicFactory.create().question for _ in range(30)]
        with django_assert_max_num_queries(10):
            mastery_record(user=user, outcomes=[graded(question, 1) for question in questions])


@pytest.mark.django_db(transaction=True)
def test_concurrent_grading_loses_nothing() -> None:
    user, topics = UserFactory.create(), [TopicFactory.create() for _ in range(3)]
    questions = [QuestionFactory.create() for _ in range(40)]
    for number, question in enumerate(questions):
        for topic in topics[:: 1 if number % 2 else -1]:
            QuestionTopicFactory.create(question=question, topic=topic)
    fractions = [float(number % 3 > 0) for number in range(40)]

    def grade(number: int) -> None:
        outcome = graded(questions[number], fractions[number], hours=number)
        mastery_record(user=user, outcomes=[outcome], answered_at=NOON + timedelta(minutes=number))

    in_threads(grade, range(40))
    expected = mastery.level(mastery.trace(fractions))
    assert [level(user, topic) for topic in topics] == [expected] * 3
    assert MasteryEvidence.objects.count() == 120


@pytest.mark.django_db(transaction=True)
def test_what_grading_tells_analytics() -> None:
    user, topic = UserFactory.create(), TopicFactory.create(name="Fractions")
    questions = [QuestionTopicFactory.create(topic=topic).question for _ in range(8)]
    release(*(question.assessment for question in questions))
    outcomes = [graded(question, 1) for question in questions]
    for _ in range(2):  # a repetition adds nothing
        mastery_record(user=user, outcomes=outcomes, answered_at=NOON)
    events = list(stores["events"].of_hour(NOON, user_ids={user.pk}))
    kinds = [event.event_type for event in events]
    assert (kinds.count("answer_graded"), kinds.count("topic_mastered")) == (8, 1)
    said = next(event.properties for event in events if event.event_type == "topic_mastered")
    assert said == {"subject": "Mathematics", "topic": "Fractions"}


@pytest.mark.django_db
def test_rebuild_progress_gives_what_the_evidence_says() -> None:
    user, link = UserFactory.create(), QuestionTopicFactory.create()
    mastery_record(user=user, outcomes=[graded(link.question, 0)])
    mastery_record(user=user, outcomes=[graded(link.question, 1, hours=1)])
    Progress.objects.update(mastery_level=Decimal("0.11"))
    for changed in (1, 0):
        output = StringIO()
        call_command("rebuild_progress", stdout=output)
        assert f"1 mastery levels computed by elo-1, {changed} changed" in output.getvalue()
        assert level(user, link.topic) == Decimal("0.62")
