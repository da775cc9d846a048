"""Mail: who gets it, when it leaves, and what a server that is down does."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import Retry
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from kombu import pools

from accounts.mail import mail_queue, send_mail
from accounts.models import UserPreferences
from accounts.notifications import notify
from accounts.tests.clients import SIGN_UP_URL, browser_as, csrf, delivered, spa
from accounts.tests.factories import PASSWORD, UserFactory
from config.celery import app
from config.errors import StoreUnavailable

pytestmark = pytest.mark.django_db

LETTER = {
    "subject": "Hello",
    "text": "Text",
    "html": "<p>Text</p>",
    "sender": "school@school.test",
    "to": ["ada@school.test"],
}


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_person_is_told() -> None:
    user = UserFactory()
    with delivered():
        notify(user=user, subject="You are in", text="Welcome.", link="/classes/1")
    [message] = mail.outbox
    assert message.to == [user.email]
    assert message.subject == "You are in"
    assert message.body == "Welcome.\n\nhttp://testserver/classes/1\n"


def test_the_link_leads_to_the_application(settings: Any) -> None:
    settings.SPA_ORIGINS = ["https://app.school.test"]
    with delivered():
        notify(user=UserFactory(), subject="x", text="y", link="/classes/1")
        notify(user=UserFactory(), subject="x", text="y", link="https://elsewhere.test/")
    assert "https://app.school.test/classes/1" in mail.outbox[0].body
    assert "https://elsewhere.test/" in mail.outbox[1].body


def test_who_wants_no_mail_gets_none() -> None:
    user, closed = UserFactory(), UserFactory(is_active=False)
    UserPreferences.objects.filter(user=user).update(notification_email=False)
    with delivered():
        notify(user=user, subject="x", text="y")
        notify(user=closed, subject="x", text="y")
    assert not mail.outbox


def test_a_subject_is_one_line() -> None:
    with delivered():
        notify(user=UserFactory(), subject="One\r\nBcc: evil@x.y", text="y")
    assert mail.outbox[0].subject == "One Bcc: evil@x.y"


def test_what_is_rolled_back_is_not_told() -> None:
    with delivered(), pytest.raises(ZeroDivisionError), transaction.atomic():
        notify(user=UserFactory(), subject="x", text="y")
        raise ZeroDivisionError
    assert not mail.outbox


def test_a_mail_server_that_is_down_is_asked_again(settings: Any, closed_port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port
    # As in a worker: what it raises is a wish to run again later, with a growing pause.
    send_mail.push_request(
        called_directly=False, retries=3, is_eager=False, id="x", args=(), kwargs=LETTER
    )
    app.conf.task_always_eager = False
    try:
        with pytest.raises(Retry) as caught:
            send_mail.run(**LETTER)
    finally:
        app.conf.task_always_eager = True
        send_mail.pop_request()
    assert 0 <= caught.value.when <= 600
    assert send_mail.max_retries > 100


def test_both_bodies_arrive() -> None:
    send_mail(**LETTER)
    [message] = mail.outbox
    assert (message.body, message.from_email) == ("Text", "school@school.test")
    assert message.alternatives[0].content == "<p>Text</p>"


@pytest.fixture
def broken_queue(closed_port: int) -> Iterator[None]:
    """As in the web process, with a queue at an address where nobody listens."""
    pools.reset()
    app.conf.task_always_eager, before = False, app.conf.broker_url
    app.conf.broker_url = f"redis://127.0.0.1:{closed_port}/0"
    app.amqp._producer_pool = app._pool = None
    yield
    app.conf.task_always_eager, app.conf.broker_url = True, before
    pools.reset()
    app.amqp._producer_pool = app._pool = None


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_down(broken_queue: None) -> None:
    user = UserFactory()
    notify(user=user, subject="x", text="y")  # what it tells of is done: no error
    with pytest.raises(StoreUnavailable):
        mail_queue(EmailMessage("x", "y", to=[user.email]))
    client = spa()
    body = {"email": "ada@school.test", "password": PASSWORD}
    response = client.post(SIGN_UP_URL, body, **csrf(client))
    assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
    assert response["Retry-After"]
    form = {"email": "bob@school.test", "password1": PASSWORD}
    page = browser_as().post("/accounts/signup/", form)
    assert page.status_code == 503
    assert "Traceback" not in page.content.decode()


def test_without_a_server_mails_are_private_files(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "accounts.mail.PrivateFolderBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    send_mail(**LETTER)
    [file] = settings.EMAIL_FILE_PATH.iterdir()
    assert "Hello" in file.read_text()
    assert stat.S_IMODE(settings.EMAIL_FILE_PATH.stat().st_mode) == 0o700
