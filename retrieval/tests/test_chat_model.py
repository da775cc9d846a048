"""Chat with a language model: what it is sent, and what becomes of what it answers."""

import time
from collections.abc import Iterator

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits
from retrieval import services
from retrieval.models import ChatSession
from retrieval.services.chat import NOT_IN_MATERIAL, ChatMessage
from retrieval.tests.chat_scene import QUESTION, add_document, start, stream, streamed_text
from retrieval.tests.chat_server import (
    Behaviour,
    ModelServer,
    babbles,
    drips,
    hangs,
    model_server,
    says,
    sends,
)

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "Photosynthesis is how plants make sugar from light, water and carbon dioxide. [1]"
GOOD = says("Plants make ", "sugar fr", "om light [", "1]. It is ", "done in cells [1].")
GOOD_TEXT = "Plants make sugar from light [1]. It is done in cells [1]."


@pytest.fixture
def session() -> ChatSession:
    return start()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHAT_READ_TIMEOUT", 0.5)
    monkeypatch.setattr(limits, "CHAT_FIRST_SECONDS", 1.5)
    monkeypatch.setattr(limits, "CHAT_SECONDS", 2)
    monkeypatch.setattr(limits, "CHAT_HEARTBEAT", 0.2)
    monkeypatch.setattr(limits, "CHAT_RETRIES", 0)


def ask(session: ChatSession, question: str = QUESTION) -> ChatMessage:
    return services.chat_ask(user=session.user, session=session, question=question)


def history(session: ChatSession) -> list[ChatMessage]:
    return services.chat_history(user=session.user, session=session)


def test_a_model_answers_from_the_passages(session: ChatSession, model: ModelServer) -> None:
    model.behaviour = GOOD
    events = stream(session)
    assert events[0][0] == "citations"
    assert events[0][1]["citations"][0]["filename"] == "notes.md"
    assert streamed_text(events) == GOOD_TEXT
    name, message = events[-1]
    assert name == "done"
    assert message["content"] == GOOD_TEXT
    assert message["answered"] is True
    assert message["notices"] == []
    assert [citation["number"] for citation in message["citations"]] == [1]
    assert str(history(session)[-1].id) == message["id"]
    (asked,) = model.streams
    assert (asked["path"], asked["model"]) == ("/v1/chat/completions", "a-model")
    assert asked["max_tokens"] == limits.CHAT_ANSWER_TOKENS
    assert model.keys == ["Bearer a-key"]
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]


def test_a_model_is_sent_the_callers_class_only(session: ChatSession, model: ModelServer) -> None:
    other = ClassroomFactory(teacher=session.classroom.teacher)
    add_document(other, "# Photosynthesis\n\nPhotosynthesis is a secret of the other class.\n")
    model.behaviour = GOOD
    ask(session)
    (prompt,) = model.prompts
    assert "plants make sugar" in prompt
    assert "secret" not in prompt


def test_no_model_is_asked_where_nothing_is_near(session: ChatSession, model: ModelServer) -> None:
    answer = ask(session, "Who won the football world cup in 1998?")
    assert answer.content == NOT_IN_MATERIAL
    assert answer.answered is False
    assert model.asked == []


@pytest.mark.parametrize(
    "behaviour",
    [
        says("NOT_IN_MATERIAL"),
        says("NOT_IN_MATERIAL [1]"),
        says("Plants do magic. I know that."),
        says("Plants do magic [9]. I know that [0]."),
    ],
)
def test_an_answer_without_support_is_none(
    session: ChatSession, model: ModelServer, behaviour: Behaviour
) -> None:
    model.behaviour = behaviour
    events = stream(session)
    assert streamed_text(events) == NOT_IN_MATERIAL
    assert events[-1][1]["content"] == NOT_IN_MATERIAL
    assert events[-1][1]["citations"] == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "behaviour",
    [
        sends("", 500),
        sends("", 429),
        sends("", 401),
        sends("{}", 307),
        sends("<html>a proxy</html>", content_type="text/html"),
        sends('{"choices": []}', content_type="application/json"),
        sends("data: {not json\n\n"),
        sends('data: {"choices": "many"}\n\n'),
        sends('data: {"choices": [{"delta": {"content": 7}}]}\n\n'),
        sends('data: {"error": {"message": "overloaded"}}\n\n'),
        sends("data: [DONE]\n\n"),
        sends("x" * 100_000),
        says(finish="stop"),
        says("Half an", finish=None),
        says("Refused", finish="content_filter"),
        hangs,
        drips,
    ],
)
def test_sentences_stand_in_for_a_model_that_fails(
    session: ChatSession, model: ModelServer, behaviour: Behaviour
) -> None:
    model.behaviour = behaviour
    started = time.monotonic()
    answer = ask(session)
    assert time.monotonic() - started < 5
    assert answer.content.startswith(SENTENCE)
    assert answer.notices == ["model_unavailable"]
    assert history(session)[-1] == answer


def test_sentences_stand_in_for_a_model_that_is_not_there(session: ChatSession) -> None:
    with override_settings(CHAT_URL="http://127.0.0.1:9/v1", CHAT_MODEL="a-model"):
        answer = ask(session)
    assert answer.content.startswith(SENTENCE)
    assert answer.notices == ["model_unavailable"]


def test_a_model_is_asked_again_once(session: ChatSession, model: ModelServer) -> None:
    behaviours = [sends("", 503), GOOD]
    model.behaviour = lambda reply: behaviours.pop(0)(reply)
    assert ask(session).content == GOOD_TEXT


def test_an_answer_that_breaks_off_says_so(session: ChatSession, model: ModelServer) -> None:
    model.behaviour = says("Plants make sugar [1]. It is ", "done in", finish=None)
    events = stream(session)
    name, problem = events[-1]
    assert name == "error"
    assert (problem["status"], problem["code"]) == (503, "answer_interrupted")
    shown = streamed_text(events)
    assert shown.startswith("Plants make sugar [1].")
    message = history(session)[-1]
    assert message.content == shown == problem["message"]["content"]
    assert message.notices == ["interrupted"]
    # Nobody has seen the half of it where all is answered at once: sentences are better.
    assert ask(session).notices == ["model_unavailable"]


@pytest.mark.parametrize("behaviour", [babbles("sugar [1] "), says("Sugar [1] ", finish="length")])
def test_an_answer_without_end_is_cut(
    session: ChatSession, model: ModelServer, behaviour: Behaviour
) -> None:
    model.behaviour = behaviour
    answer = ask(session)
    assert answer.content.lower().startswith("sugar [1]")
    assert len(answer.content) <= limits.CHAT_ANSWER_MAX
    assert answer.notices == ["shortened"]


def test_who_stops_reading_leaves_what_was_shown(session: ChatSession, model: ModelServer) -> None:
    model.behaviour = babbles("sugar [1] ")
    events = services.chat_stream(user=session.user, session=session, question=QUESTION)
    for _ in range(5):
        next(events)
    events.close()
    asked, answer = history(session)
    assert asked.content == QUESTION
    assert answer.notices == ["interrupted"]
    untouched = services.chat_stream(user=session.user, session=session, question="What is light?")
    next(untouched)
    untouched.close()
    assert len(history(session)) == 2


@pytest.mark.usefixtures("impatient")
def test_requests_under_way_are_limited(
    session: ChatSession, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CHAT_CONCURRENCY", 1)
    monkeypatch.setattr(limits, "CHAT_SECONDS", 20)
    model.behaviour = babbles("sugar [1] ")
    first = services.chat_stream(user=session.user, session=session, question=QUESTION)
    next(first)
    next(first)
    student = MemberFactory(classroom=session.classroom).user
    other = services.chat_session_start(user=student, classroom=session.classroom)
    assert ask(other).notices == ["model_unavailable"]
    first.close()


def test_earlier_turns_are_data_for_the_model(session: ChatSession, model: ModelServer) -> None:
    model.behaviour = GOOD
    ask(session)
    model.rewritten = "Where does photosynthesis take place?"
    ask(session, "Where is it done?")
    first, second = model.prompts
    assert "<conversation-" not in first.partition("\n\n<")[2]
    assert f"| Student asked: {QUESTION}" in second
    assert "| Answer was: Plants make sugar from light. It is done in cells." in second
    assert len(model.asked) == 3  # the follow-up was rewritten by a request of its own
    model.rewritten = None
    assert ask(session, "And why?").answered  # found by the rule
    session.classroom.documents.get().delete()
    add_document(
        session.classroom, "# Osmosis\n\nOsmosis moves water through a membrane.\n", "o.md"
    )
    ask(session, "What is osmosis?")
    assert "sugar" not in model.prompts[-1]  # what is gone is gone from there, too


def test_settings_that_are_half_set_are_told() -> None:
    for given, wrong in (
        ({"CHAT_URL": "https://model.school.test/v1"}, "E013"),
        ({"CHAT_MODEL": "a-model"}, "E014"),
        ({"CHAT_API_KEY": "a-key"}, "E014"),
    ):
        with override_settings(**given):
            assert [each.id for each in run_checks(tags=["stores"])] == [f"lectern.{wrong}"]
