"""From an attempt to mastery: the two apps together."""

from decimal import Decimal

import pytest

from assessments.services import attempt_autosave, attempt_start, attempt_submit, question_update
from assessments.tests.factories import TRUTH, make_assessment, make_student
from progress.models import MasteryEvidence, Progress
from progress.services import question_topic_create
from progress.tests.factories import TopicFactory

pytestmark = pytest.mark.django_db


def test_a_quiz_moves_mastery_and_a_new_key_moves_it_again() -> None:
    quiz = make_assessment(questions=(TRUTH,))
    teacher, student = quiz.classroom.teacher, make_student(quiz.classroom)
    question, topic = quiz.questions.get(), TopicFactory.create()
    question_topic_create(actor=teacher, question=question, topic=topic)

    attempt = attempt_start(user=student, assessment=quiz)
    attempt_autosave(user=student, attempt=attempt, answers={str(question.pk): True}, revision=0)
    submission = attempt_submit(user=student, attempt=attempt)
    row = Progress.objects.get(user=student, topic=topic)
    assert row.mastery_level == Decimal("0.62")
    assert row.last_activity == submission.submitted_at

    question_update(actor=teacher, question=question, correct_answer="false")
    row.refresh_from_db()
    assert row.mastery_level == Decimal("0.38")
    assert MasteryEvidence.objects.count() == 2
