"""Signing up: students, with an address that they confirm by a link."""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.clients import (
    AUTH,
    SIGN_UP_URL,
    browser_as,
    csrf,
    delivered,
    link_in,
    sign_in,
    spa,
)
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ADA = {"email": "ada@school.test", "password": PASSWORD, "name": "Ada"}


def sign_up(client: APIClient, **changes: Any) -> Any:
    with delivered():
        return client.post(SIGN_UP_URL, {**ADA, **changes}, **csrf(client))


def confirm(client: APIClient, key: str) -> Any:
    return client.post(f"{AUTH}/auth/email/verify", {"key": key}, **csrf(client))


def key_in(message: Any) -> str:
    return link_in(message, "confirm-email").rstrip("/").rpartition("/")[2].replace("%3A", ":")


def test_a_student_signs_up_and_confirms_the_address() -> None:
    client = spa()
    response = sign_up(client, email="Ada@School.TEST")
    assert (response.status_code, response.json()["code"]) == (401, "email_not_verified")
    user = User.objects.get()
    assert (user.email, user.role, user.name) == ("ada@school.test", "student", "Ada")
    assert user.password.startswith("argon2$argon2id$")
    assert user.preferences.theme == "light"
    # Without the link there is no way in.
    again = sign_in(spa(), user)
    assert (again.status_code, again.json()["code"]) == (401, "email_not_verified")
    [message] = mail.outbox
    assert message.to == ["ada@school.test"]
    assert "http://testserver/accounts/confirm-email/" in message.body
    assert confirm(spa(), key_in(message)).status_code == 401  # confirmed; not signed in
    assert sign_in(spa(), user).status_code == 200


def test_the_pages_do_the_same() -> None:
    browser = browser_as()
    page = browser.get("/accounts/signup/")
    assert page.status_code == 200
    assert 'name="role"' not in page.content.decode()
    form = {"email": ADA["email"], "password1": PASSWORD, "name": "Ada"}
    with delivered() as sent:
        response = browser.post("/accounts/signup/", form)
    assert response["Location"] == "/accounts/confirm-email/"
    link = link_in(sent[0], "confirm-email")
    assert browser.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified  # a link that is looked at changes nothing
    assert browser.post(link).status_code == 302
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    "more",
    [{"role": "admin"}, {"is_staff": True}, {"is_active": False}, {"id": "1"}, {"verified": True}],
)
def test_nothing_else_can_be_set(more: dict[str, Any]) -> None:
    sign_up(spa(), **more)
    user = User.objects.get()
    assert (user.role, user.is_active) == ("student", True)
    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("email", {"email": "nonsense"}),
        ("email", {"email": "x" * 250 + "@school.test"}),
        ("name", {"name": "x" * 101}),
        ("password", {"password": "short"}),
        ("password", {"password": "1928374650"}),
        ("password", {"password": "password1234"}),
        ("password", {"password": f"aB9{'x' * 1100}"}),
        ("invitation", {"invitation": "guessed"}),
    ],
)
def test_what_is_not_valid(field: str, change: dict[str, str]) -> None:
    response = sign_up(spa(), **change)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"]) == (400, "invalid")
    assert {error["field"] for error in body["errors"]} == {field}
    assert {error["param"] for error in body["errors"]} == {field}
    assert not User.objects.exists()


def test_a_known_address_answers_like_a_new_one_and_its_owner_is_told() -> None:
    new = sign_up(spa())
    mail.outbox.clear()
    UserFactory(email="bob@school.test")
    known = sign_up(spa(), email="BOB@school.test")
    assert (known.status_code, known.json()) == (new.status_code, new.json())
    [message] = mail.outbox
    assert message.to == ["bob@school.test"]
    assert "already" in message.body
    assert User.objects.count() == 2


def test_a_closed_school(settings: Any) -> None:
    settings.SIGN_UP_OPEN = False
    response = sign_up(spa())
    assert (response.status_code, response.json()["code"]) == (403, "sign_up_closed")
    assert "closed" in browser_as().get("/accounts/signup/").content.decode().lower()
    assert not User.objects.exists()


def test_links_do_not_follow_the_host_header(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = spa()
    with delivered():
        client.post(
            SIGN_UP_URL,
            ADA,
            headers={"X-CSRFToken": client.cookies["csrftoken"].value, "Host": "evil.test"},
        )
    assert "evil.test" not in mail.outbox[0].body


def test_links_lead_to_the_application_where_there_is_one(settings: Any) -> None:
    settings.HEADLESS_FRONTEND_URLS = {
        "account_confirm_email": "https://app.school.test/account/verify-email/{key}"
    }
    sign_up(spa())
    assert "https://app.school.test/account/verify-email/" in mail.outbox[0].body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"email": NaN}',
        b"[" * 100_000,
        b'{"email": ' * 20_000 + b"1" + b"}" * 20_000,
        json.dumps({"email": "a\x00@b.c", "password": "x"}).encode(),
        b'{"email": "\\ud800@b.c", "password": "x"}',
        b'{"email": {"a": 1}, "password": {"b": 2}}',
        b'{"email": ["a@b.c"], "password": [1, 2]}',
        b'{"email": 5, "password": null, "name": true, "invitation": []}',
        b'{"email": "a@b.c", "password": ' + b"9" * 5000 + b"}",
        b'{"email": "' + b"x" * 60_000 + b'", "password": "y"}',
        b"x" * 70_000,
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "auth/login",
        "auth/signup",
        "auth/password/request",
        "auth/password/reset",
        "auth/email/verify",
        "auth/webauthn/login",
        "auth/2fa/authenticate",
    ],
)
def test_no_body_breaks_anything(path: str, body: bytes) -> None:
    client = spa()
    with delivered():
        response = client.generic(
            "POST",
            f"{AUTH}/{path}",
            body,
            content_type="application/json",
            headers={"X-CSRFToken": client.cookies["csrftoken"].value},
        )
    assert response.status_code in (400, 401, 409, 413), response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code
    assert response.json()["code"]
