"""What happens while an answer is written, and after: people leave, material is removed."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.clients import api_as
from classrooms.models import Classroom
from config import limits
from config.errors import Conflict, NotFound
from retrieval import services
from retrieval.models import ChatSession
from retrieval.services.chat import (
    NOT_IN_MATERIAL,
    REMOVED_TEXT,
    AnswerBroken,
    AnswerDone,
    ChatMessage,
    PassagesFound,
    TextWritten,
)
from retrieval.tests.chat_scene import QUESTION, add_document, events_of, start
from retrieval.tests.chat_server import ModelServer, babbles, model_server, says, sends

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.contract]

OTHER = "# Photosynthesis\n\nPhotosynthesis is what plants do by day, and not at night.\n"


@pytest.fixture
def session() -> ChatSession:
    return start()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def url(session: ChatSession) -> str:
    return f"/api/v1/chat/sessions/{session.pk}/messages"


def ask(session: ChatSession, question: str = QUESTION) -> ChatMessage:
    return services.chat_ask(user=session.user, session=session, question=question)


def leave(session: ChatSession) -> None:
    session.user.memberships.all().delete()


def deactivate(session: ChatSession) -> None:
    User.objects.filter(pk=session.user_id).update(is_active=False)


def archive(session: ChatSession) -> None:
    Classroom.objects.filter(pk=session.classroom_id).update(is_active=False)


def remove(session: ChatSession) -> None:
    for document in session.classroom.documents.all():
        services.document_delete(actor=session.classroom.teacher, document=document)


Change = Callable[[ChatSession], None]
CHANGES: list[tuple[Change, str]] = [
    (leave, "not_found"),
    (deactivate, "not_found"),
    (archive, "classroom_archived"),
    (remove, "material_removed"),
]


@pytest.mark.parametrize(("change", "code"), CHANGES)
def test_a_stream_ends_with_the_right_to_it(
    session: ChatSession,
    model: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    code: str,
) -> None:
    monkeypatch.setattr(limits, "CHAT_RECHECK", 0.0)
    model.behaviour = babbles("sugar [1] ")
    response = api_as(session.user).post(f"{url(session)}/stream", {"question": QUESTION})
    parts: Iterator[bytes] = iter(response.streaming_content)
    text = (next(parts) + next(parts)).decode()
    change(session)
    rest = b"".join(parts).decode()
    (name, problem), *more = events_of(rest)
    assert (name, problem["code"], more) == ("error", code, [])
    assert events_of(text)[1][0] == "token"
    if code == "not_found":
        assert "message" not in problem
    else:
        assert "interrupted" in problem["message"]["notices"]
    assert ("notes.md" in rest) is (code == "classroom_archived")
    if change is remove:
        assert problem["message"]["content"] == REMOVED_TEXT
        assert "sugar" not in rest


@pytest.mark.parametrize(("change", "code"), CHANGES)
def test_the_last_event_is_what_is_so_then(
    session: ChatSession, model: ModelServer, change: Change, code: str
) -> None:
    """CHAT_RECHECK is longer than this answer takes."""
    events = services.chat_stream(user=session.user, session=session, question=QUESTION)
    model.behaviour = says("Sugar [1] is ", "sweet [1].")
    assert isinstance(next(events), PassagesFound)
    assert isinstance(next(events), TextWritten)
    change(session)
    if change is remove:
        last = list(events)[-1]
        assert isinstance(last, AnswerDone)
        assert last.message.content == REMOVED_TEXT
        assert last.message.citations == []
        assert last.message.notices == ["removed"]
    elif code == "not_found":
        with pytest.raises(NotFound):
            list(events)
    else:
        last = list(events)[-1]
        assert isinstance(last, AnswerBroken)
        assert last.error.code == code


def test_nothing_is_quoted_of_what_was_removed_while_a_model_failed(
    session: ChatSession, model: ModelServer
) -> None:
    events = services.chat_stream(user=session.user, session=session, question=QUESTION)
    model.behaviour = sends("", 401)
    next(events)
    remove(session)
    with pytest.raises(Conflict):
        list(events)
    assert services.chat_history(user=session.user, session=session) == []


def test_who_leaves_while_a_question_is_rewritten_is_shown_no_passage(
    session: ChatSession, model: ModelServer
) -> None:
    def leaves() -> None:
        try:
            leave(session)
        finally:
            connection.close()  # the server has threads of its own

    model.behaviour = says("Sugar [1].")
    ask(session)
    model.rewriting = leaves
    with pytest.raises(NotFound):  # by the call itself: there is no event with passages
        services.chat_stream(user=session.user, session=session, question="Where is it done?")


def history(session: ChatSession) -> list[ChatMessage]:
    return services.chat_history(user=session.user, session=session)


def test_an_answer_goes_with_what_a_model_was_sent_for_it(
    session: ChatSession, model: ModelServer
) -> None:
    add_document(session.classroom, OTHER, "other.md")
    model.behaviour = says("Plants make sugar, by day [1].")
    first = ask(session)
    (prompt,) = model.prompts
    assert "sugar from light" in prompt
    assert "not at night" in prompt
    (cited,) = first.citations
    other = session.classroom.documents.exclude(pk=cited.document_id).get()
    services.document_delete(actor=session.classroom.teacher, document=other)
    asked, shown = history(session)
    assert asked.content == QUESTION
    assert (shown.content, shown.citations, shown.notices) == (REMOVED_TEXT, [], ["removed"])


def test_an_answer_goes_with_what_the_ones_before_were_from(
    session: ChatSession, model: ModelServer
) -> None:
    model.behaviour = says("Plants make sugar [1].")
    ask(session)
    for name, what in (("o.md", "Osmosis"), ("m.md", "Meiosis")):
        model.behaviour = says(f"{what}, and as I said, sugar [1].")
        text = f"# {what}\n\n{what} is a process of the cells in a body of water.\n"
        add_document(session.classroom, text, name)
        ask(session, f"What is {what}?")
    assert "Answer was: Osmosis, and as I said" in model.prompts[-1]
    remove_one = session.classroom.documents.get(filename="notes.md")
    services.document_delete(actor=session.classroom.teacher, document=remove_one)
    assert [each.content for each in history(session)[1::2]] == [REMOVED_TEXT] * 3


def test_sentences_and_our_own_words_go_with_nothing_else(
    session: ChatSession, model: ModelServer
) -> None:
    model.behaviour = says("NOT_IN_MATERIAL")
    assert ask(session).content == NOT_IN_MATERIAL
    model.behaviour = sends("", 401)
    add_document(
        session.classroom, "# Osmosis\n\nOsmosis is a process of water and cells.\n", "o.md"
    )
    quoted = ask(session, "What is osmosis?")
    assert {each.filename for each in quoted.citations} == {"o.md"}
    notes = session.classroom.documents.get(filename="notes.md")
    services.document_delete(actor=session.classroom.teacher, document=notes)
    assert [each.content for each in history(session)[1::2]] == [NOT_IN_MATERIAL, quoted.content]
