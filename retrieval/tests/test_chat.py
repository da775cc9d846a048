"""Chat: extractive answers, their citations, and the history in Redis."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django_redis import get_redis_connection

from accounts.tests.factories import UserFactory
from classrooms.tests.factories import ClassroomFactory
from config import limits
from config.errors import Conflict, InvalidInput, NotAllowed, NotFound
from retrieval import services
from retrieval.models import ChatSession
from retrieval.services.chat import NOT_IN_MATERIAL, REMOVED_TEXT
from retrieval.services.chat.messages import history_key
from retrieval.tests.chat_scene import NOTES, QUESTION, add_document, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.contract]


@pytest.fixture
def session() -> ChatSession:
    return start()


def test_an_answer_quotes_the_material_and_cites_it(session: ChatSession) -> None:
    answer = services.chat_ask(
        user=session.user, session=session, question="What is photosynthesis?"
    )
    assert answer.content.startswith(
        "Photosynthesis is how plants make sugar from light, water and carbon dioxide. [1]"
    )
    assert [(c.number, c.filename, c.chunk_index) for c in answer.citations] == [(1, "notes.md", 0)]


def test_what_is_not_in_the_material_is_not_answered(session: ChatSession) -> None:
    answer = services.chat_ask(
        user=session.user, session=session, question="Who won the world cup in 1998?"
    )
    assert answer.content == NOT_IN_MATERIAL
    assert answer.citations == []


def test_history_is_the_specs_list(session: ChatSession) -> None:
    for number in range(60):
        services.chat_ask(user=session.user, session=session, question=f"Question {number}?")
    redis = get_redis_connection("default")
    key = f"chat:{session.pk}:history"
    assert redis.llen(key) == limits.CHAT_HISTORY_LENGTH == 100
    assert 0 < redis.ttl(key) <= 7200
    assert json.loads(redis.lindex(key, 1))["content"] == "Question 59?"
    history = services.chat_history(user=session.user, session=session)
    assert [m.role for m in history[-2:]] == ["user", "assistant"]
    assert history[-2].content == "Question 59?"


def test_a_conversation_is_its_users_and_ends_with_membership(session: ChatSession) -> None:
    services.chat_ask(user=session.user, session=session, question="What is photosynthesis?")
    teacher = session.classroom.teacher
    assert not ChatSession.objects.visible_to(teacher).exists()
    session.user.memberships.all().delete()
    for act in (
        lambda: services.chat_history(user=session.user, session=session),
        lambda: services.chat_ask(user=session.user, session=session, question="And now?"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not ChatSession.objects.visible_to(session.user).exists()


def test_only_the_class_may_ask() -> None:
    with pytest.raises(NotAllowed):
        services.chat_session_start(user=UserFactory(), classroom=ClassroomFactory())


@pytest.mark.parametrize("question", ["", "  \n", "x" * (limits.CHAT_QUESTION_MAX + 1)])
def test_a_question_needs_words(session: ChatSession, question: str) -> None:
    with pytest.raises(InvalidInput):
        services.chat_ask(user=session.user, session=session, question=question)


def test_the_history_has_no_text_of_the_material(session: ChatSession) -> None:
    services.chat_ask(user=session.user, session=session, question=QUESTION)
    kept = json.loads(get_redis_connection("default").lindex(history_key(session.pk), 0))
    assert set(kept["citations"][0]) == {
        "number", "passage_id", "document_id", "version", "chunk_index", "score",
    }  # fmt: skip
    shown = services.chat_history(user=session.user, session=session)[-1]
    assert "Photosynthesis is how plants" in shown.citations[0].text


@pytest.mark.parametrize("change", ["delete", "replace"])
def test_an_answer_goes_with_its_material(session: ChatSession, change: str) -> None:
    answer = services.chat_ask(user=session.user, session=session, question=QUESTION)
    document = session.classroom.documents.get()
    if change == "delete":
        services.document_delete(actor=session.classroom.teacher, document=document)
    else:
        add_document(session.classroom, "# Photosynthesis\n\nIt has been written again by us.\n")
    asked, shown = services.chat_history(user=session.user, session=session)
    assert asked.content == QUESTION
    assert shown.id == answer.id
    assert shown.content == REMOVED_TEXT
    assert shown.citations == []
    assert shown.notices == ["removed"]


def test_messages_go_with_their_conversation(session: ChatSession) -> None:
    redis = get_redis_connection("default")
    other = services.chat_session_start(user=session.user, classroom=session.classroom)
    for one in (session, other):
        services.chat_ask(user=one.user, session=one, question=QUESTION)
    keys = [history_key(one.pk) for one in (session, other)]
    assert redis.exists(*keys) == 2
    with pytest.raises(NotFound):
        services.chat_session_delete(user=session.classroom.teacher, session=session)
    services.chat_session_delete(user=session.user, session=session)
    assert not redis.exists(keys[0])
    session.user.delete()
    assert not redis.exists(keys[1])


def test_a_message_of_an_earlier_version_is_left_out(session: ChatSession) -> None:
    redis = get_redis_connection("default")
    redis.lpush(history_key(session.pk), json.dumps({"role": "user", "citations": []}))
    services.chat_ask(user=session.user, session=session, question=QUESTION)
    assert len(services.chat_history(user=session.user, session=session)) == 2


def test_questions_at_the_same_time_are_refused_or_remembered_in_pairs(
    session: ChatSession,
) -> None:
    def ask(number: int) -> str:
        question = f"Question {number}?"
        try:
            services.chat_ask(user=session.user, session=session, question=question)
        except Conflict as error:
            assert error.code == "question_under_way"
            return ""
        finally:
            connection.close()
        return question

    with ThreadPoolExecutor(4) as threads:
        answered = set(threads.map(ask, range(8))) - {""}
    assert answered
    history = services.chat_history(user=session.user, session=session)
    assert [message.role for message in history] == ["user", "assistant"] * len(answered)
    assert {message.content for message in history[::2]} == answered


def test_a_follow_up_is_searched_with_what_it_leans_on(session: ChatSession) -> None:
    alone = services.chat_ask(user=session.user, session=session, question="Where is it done?")
    assert alone.content == NOT_IN_MATERIAL
    services.chat_ask(user=session.user, session=session, question=QUESTION)
    answer = services.chat_ask(user=session.user, session=session, question="Where is it done?")
    assert "chloroplasts" in answer.content


def test_a_number_in_the_material_is_no_citation(session: ChatSession) -> None:
    add_document(
        session.classroom,
        "# Osmosis\n\nOsmosis moves water through a membrane, as Smith has shown [1], and [2].\n",
        "osmosis.md",
    )
    answer = services.chat_ask(user=session.user, session=session, question="What is osmosis?")
    assert "shown [ 1], and [ 2]. [1]" in answer.content
    assert [citation.filename for citation in answer.citations] == ["osmosis.md"]


def test_material_of_other_classes_answers_nothing(session: ChatSession) -> None:
    other = ClassroomFactory(teacher=session.classroom.teacher)
    add_document(other, NOTES.replace("Photosynthesis", "Osmosis"), "other.md")
    answer = services.chat_ask(user=session.user, session=session, question=QUESTION)
    assert {citation.filename for citation in answer.citations} == {"notes.md"}
