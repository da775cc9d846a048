"""An attempt that forbids it locks search and chat until it has ended."""

import pytest

from assessments import services as exams
from assessments.tests.factories import make_assessment, make_student
from config.errors import NotAllowed
from retrieval import services

pytestmark = pytest.mark.django_db


def test_search_and_chat_are_locked_while_such_an_attempt_runs() -> None:
    assessment = make_assessment(search_locked=True)
    student = make_student(assessment.classroom)
    session = services.chat_session_start(user=student, classroom=assessment.classroom)
    services.search_documents(user=student, query="anything")
    attempt = exams.attempt_start(user=student, assessment=assessment)
    for act in (
        lambda: services.search_documents(user=student, query="anything"),
        lambda: services.search_web(user=student, query="anything"),
        lambda: services.chat_ask(user=student, session=session, question="Anything?"),
        lambda: services.chat_history(user=student, session=session),
    ):
        with pytest.raises(NotAllowed) as caught:
            act()
        assert caught.value.code == "search_locked"
    exams.attempt_submit(user=student, attempt=attempt)
    services.search_documents(user=student, query="anything")
