"""One question of a person at a time."""

import time
from collections.abc import Iterator

import pytest
from django_redis import get_redis_connection

from accounts.tests.clients import api_as
from classrooms.tests.factories import MemberFactory
from config import limits
from config.errors import DomainError
from retrieval import services
from retrieval.api.chat_events import stream_response
from retrieval.models import ChatSession
from retrieval.services.chat.asking import QuestionUnderWay, asking
from retrieval.tests.chat_scene import QUESTION, start
from retrieval.tests.chat_server import ModelServer, babbles, model_server, says

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.contract]


@pytest.fixture
def session() -> ChatSession:
    return start()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        server.behaviour = says("Sugar [1].")
        yield server


def ask(session: ChatSession) -> services.ChatMessage:
    return services.chat_ask(user=session.user, session=session, question=QUESTION)


def test_nobody_has_two_questions_under_way(session: ChatSession, model: ModelServer) -> None:
    model.behaviour = babbles("sugar [1] ")
    api = api_as(session.user)
    elsewhere = services.chat_session_start(user=session.user, classroom=session.classroom)
    response = api.post(f"/api/v1/chat/sessions/{session.pk}/messages/stream", {"question": "Why?"})
    for one in (session, elsewhere):
        for rest in ("", "/stream"):
            refused = api.post(
                f"/api/v1/chat/sessions/{one.pk}/messages{rest}",
                {"question": QUESTION},
                headers={"Accept": "text/event-stream"} if rest else {},
            )
            assert refused.status_code == 409
            assert refused["Content-Type"] == "application/problem+json"
            assert refused.json()["code"] == "question_under_way"
            assert refused["Retry-After"] == str(limits.RETRY_AFTER)
    model.behaviour = says("Sugar [1].")
    student = MemberFactory(classroom=session.classroom).user
    other = services.chat_session_start(user=student, classroom=session.classroom)
    assert ask(other).content == "Sugar [1]."
    response.close()  # never read
    assert ask(session).content == "Sugar [1]."


def test_a_response_that_is_never_read_ends_its_question(session: ChatSession) -> None:
    events = services.chat_stream(user=session.user, session=session, question=QUESTION)
    stream_response(events, None).close()  # type: ignore[arg-type]
    assert ask(session).answered  # though `events` is still here
    with pytest.raises(StopIteration):
        next(events)


def test_a_question_that_ends_lets_the_next_one_in(
    session: ChatSession, model: ModelServer
) -> None:
    with pytest.raises(DomainError):
        services.chat_ask(user=session.user, session=session, question=" ")
    with pytest.raises(DomainError):
        services.chat_stream(user=session.user, session=session, question=" ")
    events = services.chat_stream(user=session.user, session=session, question=QUESTION)
    next(events)
    with pytest.raises(QuestionUnderWay):
        ask(session)
    next(events)
    events.close()
    list(services.chat_stream(user=session.user, session=session, question=QUESTION))
    assert ask(session).answered


def test_a_process_that_was_killed_keeps_nobody_out_for_ever(
    session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking(session.user):
        left = get_redis_connection("default").pttl(f"chat:asking:{session.user_id}")
        assert limits.CHAT_SECONDS * 1000 < left <= limits.CHAT_ASKING_TTL * 1000
    monkeypatch.setattr(limits, "CHAT_ASKING_TTL", 0.3)
    late = asking(session.user)
    late.__enter__()  # and no end
    with pytest.raises(QuestionUnderWay):
        ask(session)
    time.sleep(0.4)
    with asking(session.user):
        late.__exit__(None, None, None)  # which ends nothing that is another's
        with pytest.raises(QuestionUnderWay):
            ask(session)
    assert ask(session).answered
