"""What people say of answers, and the labelled queries that come of it."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.tests.clients import api_as, browser_as
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits
from config.errors import InvalidInput, NotFound
from retrieval import services
from retrieval.models import AnswerFeedback, ChatSession, CitationClick
from retrieval.tasks import purge_feedback
from retrieval.tests.chat_scene import QUESTION, add_document, start
from retrieval.tests.factories import AnswerFeedbackFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session() -> ChatSession:
    return start()


def ask(session: ChatSession, question: str = QUESTION) -> services.ChatMessage:
    return services.chat_ask(user=session.user, session=session, question=question)


def url(session: ChatSession, message_id: object, what: str) -> str:
    return f"/api/v1/chat/sessions/{session.pk}/messages/{message_id}/{what}"


def exported(**options: Any) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("export_labelled_queries", stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_row_for_each_answer_of_ones_own(session: ChatSession) -> None:
    answer = ask(session)
    api = api_as(session.user)
    for helpful in (True, False, None, True):
        response = api.put(url(session, answer.id, "feedback"), {"helpful": helpful})
        assert response.status_code == 200, response.content
        assert response.json()["helpful"] is helpful
    for _ in range(2):
        response = api.post(url(session, answer.id, "clicks"), {"number": 1})
        assert response.status_code == 204
    feedback = AnswerFeedback.objects.get()
    assert (feedback.question, feedback.answered, feedback.helpful) == (QUESTION, True, True)
    assert "Photosynthesis is" not in json.dumps(feedback.citations)
    assert CitationClick.objects.get().number == 1
    assert api.post(url(session, answer.id, "clicks"), {"number": 5}).status_code == 400
    assert api.put(url(session, answer.id, "feedback"), {}).status_code == 400
    assert api.put(url(session, uuid4(), "feedback"), {"helpful": True}).status_code == 404
    asked = services.chat_history(user=session.user, session=session)[0]
    assert api.put(url(session, asked.id, "feedback"), {"helpful": True}).status_code == 404
    teacher = api_as(session.classroom.teacher)
    assert teacher.put(url(session, answer.id, "feedback"), {"helpful": True}).status_code == 404


def test_an_answer_without_citations_can_be_unhelpful(session: ChatSession) -> None:
    answer = ask(session, "Who won the football world cup in 1998?")
    services.feedback_set(user=session.user, session=session, message_id=answer.id, helpful=False)
    assert AnswerFeedback.objects.get().answered is False
    with pytest.raises(InvalidInput):
        services.citation_click(user=session.user, session=session, message_id=answer.id, number=1)
    assert exported() == []


def test_feedback_gives_labelled_queries(session: ChatSession) -> None:
    answer = ask(session)
    follow = ask(session, "Where is it done?")
    given = {"user": session.user, "session": session}
    services.citation_click(**given, message_id=answer.id, number=1)
    services.feedback_set(**given, message_id=answer.id, helpful=True)
    services.feedback_set(**given, message_id=follow.id, helpful=False)
    rows = exported()
    assert [row["label"] for row in rows] == ["clicked", "helpful", "unhelpful"]
    document = session.classroom.documents.get()
    assert rows[0] | {"time": ""} == {
        "query": QUESTION,
        "classroom": str(session.classroom_id),
        "document": str(document.pk),
        "filename": "notes.md",
        "page_number": None,
        "chunk_index": 0,
        "label": "clicked",
        "time": "",
    }
    assert rows[2]["query"] == "Where is it done? photosynthesis"
    text = json.dumps(rows)
    assert session.user.email not in text
    assert str(session.user.pk) not in text
    assert len(exported(classroom=str(session.classroom_id))) == 3
    assert exported(classroom=str(ClassroomFactory().pk)) == []
    assert exported(since=(timezone.now() + timedelta(hours=1)).isoformat()) == []
    with pytest.raises(InvalidInput):
        exported(since="yesterday")
    with pytest.raises(NotFound):
        exported(classroom="NOSUCH")
    add_document(session.classroom, "# Photosynthesis\n\nIt has been written again by us.\n")
    assert exported() == []  # what was clicked is there no more


def test_feedback_goes_after_its_time() -> None:
    old, new = AnswerFeedbackFactory(), AnswerFeedbackFactory()
    past = timezone.now() - limits.FEEDBACK_RETENTION - timedelta(minutes=1)
    AnswerFeedback.objects.filter(pk=old.pk).update(updated_at=past)
    assert purge_feedback() == 1
    assert list(AnswerFeedback.objects.all()) == [new]


def test_a_teacher_sees_questions_without_names() -> None:
    feedback = AnswerFeedbackFactory(question="Why is the sea salt?")
    MemberFactory(classroom=feedback.classroom, user=feedback.user)
    feedback.user.name = "Zaphod Beeblebrox"
    feedback.user.save()
    browser = browser_as(feedback.classroom.teacher)
    for path in ("", f"{feedback.pk}/change/"):
        page = browser.get(f"/admin/retrieval/answerfeedback/{path}").content.decode()
        assert "Why is the sea salt?" in page
        assert "Zaphod" not in page
        assert feedback.user.email not in page
        assert str(feedback.user.pk) not in page


@pytest.mark.parametrize("name", ["user", "session_id", "message_id", "created_at"])
@pytest.mark.parametrize("lookup", ["", "__exact", "__in", "__gte", "__startswith"])
def test_a_teacher_can_not_ask_whose_a_question_is(name: str, lookup: str) -> None:
    feedback = AnswerFeedbackFactory()
    browser = browser_as(feedback.classroom.teacher)
    value = feedback.user_id if name == "user" else getattr(feedback, name)
    response = browser.get("/admin/retrieval/answerfeedback/", {f"{name}{lookup}": value})
    assert response.status_code == 400


def test_a_teacher_narrows_the_list_by_what_it_shows() -> None:
    feedback = AnswerFeedbackFactory(question="Why is the sea salt?")
    browser = browser_as(feedback.classroom.teacher)
    for asked, found in (
        ("helpful__exact=1", True),
        ("helpful__exact=0", False),
        ("answered__exact=1", True),
        (f"classroom__id__exact={feedback.classroom_id}", True),
    ):
        response = browser.get(f"/admin/retrieval/answerfeedback/?{asked}")
        assert response.status_code == 200
        assert ("Why is the sea salt?" in response.content.decode()) is found, asked


def test_who_only_opens_a_passage_shows_no_teacher_the_question(session: ChatSession) -> None:
    answer = ask(session)
    given = {"user": session.user, "session": session, "message_id": answer.id}
    services.citation_click(**given, number=1)
    feedback = AnswerFeedback.objects.get()
    browser = browser_as(session.classroom.teacher)
    change = f"/admin/retrieval/answerfeedback/{feedback.pk}/change/"

    def seen() -> bool:
        return QUESTION in browser.get("/admin/retrieval/answerfeedback/").content.decode()

    assert not seen()
    assert browser.get(change).status_code == 302
    assert [row["label"] for row in exported()] == ["clicked"]
    services.feedback_set(**given, helpful=False)
    assert seen()
    assert QUESTION in browser.get(change).content.decode()
    services.feedback_set(**given, helpful=None)
    assert not seen()
