"""An answer as a stream, through the API: its errors, its headers, and who may read it."""

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from classrooms.models import Classroom
from config import limits
from config.errors import NotAllowed
from retrieval import guards, services
from retrieval.api.chat_events import stream_response
from retrieval.models import ChatSession
from retrieval.services.chat import NOT_IN_MATERIAL, ChatEvents, PassagesFound
from retrieval.tests.chat_scene import NOTES, QUESTION, events_of, start, stream, streamed_text
from retrieval.tests.chat_server import Reply, babbles, model_server, says

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session() -> ChatSession:
    return start()


def url(session: ChatSession, rest: str = "/stream") -> str:
    return f"/api/v1/chat/sessions/{session.pk}/messages{rest}"


def test_sentences_are_streamed_as_well(session: ChatSession) -> None:
    events = stream(session)
    names = [name for name, _ in events]
    assert names[0] == "citations"
    assert names[-1] == "done"
    assert set(names[1:-1]) == {"token"}
    message = events[-1][1]
    assert streamed_text(events) == message["content"]
    remembered = api_as(session.user).get(url(session, "")).json()["messages"]
    assert [each["id"] for each in remembered][-1] == message["id"]
    first = message["citations"][0]
    assert b"".join(api_as(session.user).get(first["url"]).streaming_content) == NOTES.encode()


def test_no_answer_is_streamed_as_one(session: ChatSession) -> None:
    events = stream(session, "Who won the football world cup in 1998?")
    assert [name for name, _ in events] == ["citations", "token", "done"]
    assert events[0][1] == {"citations": []}
    assert streamed_text(events) == NOT_IN_MATERIAL


def test_headers_of_a_stream(session: ChatSession) -> None:
    response = api_as(session.user).post(url(session), {"question": QUESTION})
    assert response["Cache-Control"] == "no-store"
    assert response["X-Accel-Buffering"] == "no"
    assert response["RateLimit-Policy"] == '"chat";q=30;w=60'
    assert "sessionid" in response.cookies  # the session goes on
    response.close()


def test_what_is_wrong_before_the_first_byte_is_a_problem(
    session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = api_as(session.user)
    events = {"headers": {"Accept": "text/event-stream"}}
    for body, status in (({}, 400), ({"question": ""}, 400), ({"question": " "}, 400)):
        response = api.post(url(session), body, **events)
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"
    assert api_as(None).post(url(session), {"question": "x"}).status_code == 401
    assert api_as(UserFactory()).post(url(session), {"question": "x"}).status_code == 404
    Classroom.objects.update(is_active=False)
    assert api.post(url(session), {"question": QUESTION}, **events).json()["code"] == (
        "classroom_archived"
    )
    monkeypatch.setitem(limits.RATE_LIMITS, "chat", 1)
    response = api.post(url(session), {"question": QUESTION}, **events)
    assert response.status_code == 429
    assert "Retry-After" in response


def test_what_breaks_in_the_middle_is_an_event(session: ChatSession) -> None:
    def broken(error: Exception) -> ChatEvents:
        yield PassagesFound([])
        raise error

    for error, code in (
        (RedisConnectionError("gone"), "store_unavailable"),
        (NotAllowed("No.", code="search_locked"), "search_locked"),
        (ZeroDivisionError("a bug"), "server_error"),
    ):
        response = stream_response(broken(error), None)  # type: ignore[arg-type]
        found = events_of(b"".join(response.streaming_content).decode())
        assert [name for name, _ in found] == ["citations", "error"]
        assert found[1][1]["code"] == code
        assert "bug" not in found[1][1]["detail"]


def test_a_lock_ends_an_answer_that_is_under_way(
    session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CHAT_RECHECK", 0.0)
    locked: list[bool] = []
    monkeypatch.setattr(guards, "_locks", [lambda user: bool(locked)])
    with model_server() as model:
        model.behaviour = babbles("sugar [1] ")
        response = api_as(session.user).post(url(session), {"question": QUESTION})
        parts: Iterator[bytes] = iter(response.streaming_content)
        text = next(parts).decode() + next(parts).decode()
        locked.append(True)
        text += b"".join(parts).decode()
        model.over.set()
    name, problem = events_of(text)[-1]
    assert name == "error"
    assert problem["code"] == "search_locked"
    api = api_as(session.user)
    for response in (
        api.post(url(session), {"question": QUESTION}),
        api.post(url(session, ""), {"question": QUESTION}),
        api.get(url(session, "")),
        api.put(url(session, f"/{problem['message']['id']}/feedback"), {"helpful": True}),
    ):
        assert response.status_code == 403
        assert response.json()["code"] == "search_locked"
    locked.clear()
    assert services.chat_history(user=session.user, session=session)[-1].notices == ["interrupted"]


def test_no_connection_is_held_while_a_model_writes(session: ChatSession) -> None:
    with model_server() as model:
        model.behaviour = says("Sugar [1] ", "is sweet [1].")
        events = services.chat_stream(user=session.user, session=session, question=QUESTION)
        next(events)
        assert connection.connection is not None
        next(events)
        assert connection.connection is None
        list(events)


def test_a_client_that_leaves_ends_the_stream(session: ChatSession) -> None:
    with model_server() as model:
        model.behaviour = babbles("sugar [1] ")
        response = api_as(session.user).post(url(session), {"question": QUESTION})
        parts = iter(response.streaming_content)
        next(parts)
        next(parts)
        response.close()
    assert services.chat_history(user=session.user, session=session)[-1].notices == ["interrupted"]


def test_over_http_pieces_come_as_they_are_written(session: ChatSession, live_server: Any) -> None:
    api = api_as(session.user)
    cookies = {
        settings.SESSION_COOKIE_NAME: api.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.CSRF_COOKIE_NAME: "x" * 32,
    }
    with model_server() as model:
        model.behaviour = halves
        with httpx.stream(
            "POST",
            f"{live_server.url}{url(session)}",
            json={"question": QUESTION},
            cookies=cookies,
            headers={"X-CSRFToken": "x" * 32, "Accept": "text/event-stream"},
            timeout=10,
        ) as response:
            assert response.status_code == 200
            text = ""
            for part in response.iter_text():
                text += part
                if "Sugar [1]" in text and not model.over.is_set():
                    assert "is sweet" not in text
                    model.over.set()
    assert streamed_text(events_of(text)) == "Sugar [1] is sweet [1]."


def halves(reply: Reply) -> None:
    """The second half comes when the first has been read."""
    reply.start()
    reply.piece("Sugar [1] ")
    assert reply.over.wait(10)
    reply.piece("is sweet [1].")
    reply.piece(None, "stop")


def test_a_deleted_conversation_is_not_written_to(session: ChatSession) -> None:
    events = services.chat_stream(user=session.user, session=session, question=QUESTION)
    next(events)
    api_as(session.user).delete(f"/api/v1/chat/sessions/{session.pk}")
    response = stream_response(events, None)  # type: ignore[arg-type]
    found = events_of(b"".join(response.streaming_content).decode())
    assert (found[-1][0], found[-1][1]["code"]) == ("error", "not_found")


def test_a_question_that_is_sent_twice_is_asked_once(session: ChatSession) -> None:
    api = api_as(session.user)

    def ask() -> dict[str, object]:
        response = api.post(
            url(session, ""), {"question": QUESTION}, headers={"Idempotency-Key": "one"}
        )
        assert response.status_code == 200, response.content
        found: dict[str, object] = response.json()
        return found

    first, again = ask(), ask()
    assert {**first, "citations": None} == {**again, "citations": None}
    assert len(api.get(url(session, "")).json()["messages"]) == 2
    document = session.classroom.documents.get()
    services.document_delete(actor=session.classroom.teacher, document=document)
    assert ask()["notices"] == ["removed"]  # what was kept is no copy of the material


def test_messages_cost_the_same_for_any_number_of_them(session: ChatSession) -> None:
    api = api_as(session.user)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert api.get(url(session, "")).status_code == 200
        return len(captured)

    api.post(url(session, ""), {"question": QUESTION})
    few = queries()
    for name in ("a.md", "b.md"):
        file = SimpleUploadedFile(name, f"{NOTES}\n\nSee {name}.".encode())
        services.document_upload(
            actor=session.classroom.teacher, classroom=session.classroom, file=file
        )
        api.post(url(session, ""), {"question": QUESTION})
    assert queries() == few <= 8
