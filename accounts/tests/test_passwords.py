"""Changing and resetting passwords, and changing the address, by the API and the pages."""

import time
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.auth.passwords import mail_reset_link
from accounts.models import User
from accounts.tests.clients import (
    AUTH,
    api_as,
    browser_as,
    csrf,
    delivered,
    link_in,
    prove,
    sign_in,
    spa,
)
from accounts.tests.factories import PASSWORD, UserFactory
from config import limits

pytestmark = pytest.mark.django_db

NEW = "another-Long-password-8"
ME = "/api/v1/me"


def signed_in(user: User) -> Any:
    client = spa()
    assert sign_in(client, user).status_code == 200
    prove(client)
    return client


def ask_for_reset(email: str) -> Any:
    client = spa()
    with delivered():
        return client.post(f"{AUTH}/auth/password/request", {"email": email}, **csrf(client))


def reset(key: str, password: str = NEW) -> Any:
    client = spa()
    body = {"key": key, "password": password}
    with delivered():
        return client.post(f"{AUTH}/auth/password/reset", body, **csrf(client))


def reset_key() -> str:
    return link_in(mail.outbox[-1], "/key/").rstrip("/").rpartition("/")[2]


@pytest.mark.django_db(transaction=True)
def test_changing_it_keeps_this_session_and_tells_the_owner() -> None:
    user = UserFactory()
    client = signed_in(user)
    body = {"current_password": PASSWORD, "new_password": NEW}
    response = client.post(f"{AUTH}/account/password/change", body, **csrf(client))
    assert response.status_code == 200
    assert client.get(ME).status_code == 200
    assert "password" in mail.outbox[0].body.lower()
    assert mail.outbox[0].to == [user.email]
    assert sign_in(spa(), user).status_code == 400
    assert sign_in(spa(), user, NEW).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong", "new_password": NEW}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "short"}, "new_password"),
        ({"new_password": NEW}, "current_password"),
    ],
)
def test_a_change_that_is_not_valid(body: dict[str, str], field: str) -> None:
    user = UserFactory()
    client = signed_in(user)
    response = client.post(f"{AUTH}/account/password/change", body, **csrf(client))
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_the_page_changes_it() -> None:
    user = UserFactory()
    browser = browser_as(user)
    assert browser.get("/accounts/password/change/").status_code == 200
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert browser.post("/accounts/password/change/", form).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_a_reset_ends_every_session() -> None:
    user = UserFactory()
    client = signed_in(user)
    assert ask_for_reset(user.email).status_code == 200
    assert "http://testserver/accounts/password/reset/key/" in mail.outbox[0].body
    key = reset_key()
    assert reset(key).status_code == 401  # it is set; signing in comes next
    assert client.get(ME).status_code == 401
    assert sign_in(spa(), user, NEW).status_code == 200


def test_a_key_works_once() -> None:
    user = UserFactory()
    ask_for_reset(user.email)
    key = reset_key()
    assert reset(key).status_code == 401
    again = reset(key, "yet-another-Long-9")
    assert again.status_code == 400
    assert [error["field"] for error in again.json()["errors"]] == ["key"]


def test_an_unknown_address_is_not_told_apart() -> None:
    known, unknown = ask_for_reset(UserFactory().email), ask_for_reset("nobody@school.test")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert len(mail.outbox) == 1


def test_the_pages_reset_it() -> None:
    user, browser = UserFactory(), browser_as()
    with delivered():
        response = browser.post("/accounts/password/reset/", {"email": user.email})
    assert response.status_code == 302
    page = browser.get(link_in(mail.outbox[0], "/key/"), follow=True)
    assert page.status_code == 200
    # The key is in the session by now, not in the address.
    path = page.redirect_chain[-1][0]
    assert path.endswith("-set-password/")
    done = browser.post(path, {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_a_new_address_counts_when_it_is_confirmed() -> None:
    user = UserFactory(email="old@school.test")
    client = signed_in(user)
    with delivered():
        asked = client.post(f"{AUTH}/account/email", {"email": "New@School.test"}, **csrf(client))
    assert asked.status_code == 200
    user.refresh_from_db()
    assert user.email == "old@school.test"
    [message] = mail.outbox
    assert message.to == ["new@school.test"]
    key = link_in(message, "confirm-email").rstrip("/").rpartition("/")[2].replace("%3A", ":")
    with delivered():
        response = client.post(f"{AUTH}/auth/email/verify", {"key": key}, **csrf(client))
    assert response.status_code == 200
    user.refresh_from_db()
    assert user.email == "new@school.test"
    [address] = EmailAddress.objects.filter(user=user)
    assert (address.email, address.verified, address.primary) == ("new@school.test", True, True)
    assert mail.outbox[-1].to == ["old@school.test"]  # the one who may have lost the account


def test_an_address_that_somebody_took_meanwhile() -> None:
    user = UserFactory()
    client = signed_in(user)
    with delivered():
        client.post(f"{AUTH}/account/email", {"email": "new@school.test"}, **csrf(client))
    key = link_in(mail.outbox[0], "confirm-email").rstrip("/").rpartition("/")[2]
    UserFactory(email="new@school.test")
    verify = f"{AUTH}/auth/email/verify"
    response = client.post(verify, {"key": key.replace("%3A", ":")}, **csrf(client))
    assert response.status_code == 400
    user.refresh_from_db()
    assert user.email != "new@school.test"


def test_an_address_that_an_unconfirmed_account_has() -> None:
    """Its row in `users` is unique, confirmed or not: no 500, and nobody's address changes."""
    user = UserFactory()
    User.objects.create(email="new@school.test", password="!")
    client = signed_in(user)
    client.raise_request_exception = False
    with delivered():
        client.post(f"{AUTH}/account/email", {"email": "new@school.test"}, **csrf(client))
    key = link_in(mail.outbox[0], "confirm-email").rstrip("/").rpartition("/")[2]
    verify = f"{AUTH}/auth/email/verify"
    response = client.post(verify, {"key": key.replace("%3A", ":")}, **csrf(client))
    assert response.status_code in (400, 409), response.content
    user.refresh_from_db()
    assert user.email != "new@school.test"
    assert not EmailAddress.objects.filter(email="new@school.test", verified=True).exists()


def test_a_change_needs_a_fresh_proof_and_signing_in_is_one() -> None:
    client = spa()
    sign_in(client, UserFactory())
    body = {"email": "x@school.test"}
    assert client.post(f"{AUTH}/account/email", body, **csrf(client)).status_code == 200
    later = time.time() + limits.REAUTHENTICATION_TTL + 1
    with patch("accounts.auth.proof.time.time", return_value=later):
        other = {"email": "y@school.test"}
        response = client.post(f"{AUTH}/account/email", other, **csrf(client))
    assert (response.status_code, response.json()["code"]) == (401, "reauthentication_required")
    assert response.json()["data"]["flows"][0]["id"] == "reauthenticate"
    body = {"password": "wrong"}
    wrong = client.post(f"{AUTH}/auth/reauthenticate", body, **csrf(client))
    assert wrong.status_code == 400


def test_signing_out_on_the_page() -> None:
    browser = browser_as(UserFactory())
    assert browser.get("/accounts/logout/").status_code == 200
    assert browser.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert browser.get(ME).status_code == 401


@pytest.mark.parametrize("page", [True, False])
def test_a_reset_takes_the_same_way_for_every_address(monkeypatch: Any, page: bool) -> None:
    """The request asks for no account: so its time can't say whether there is one."""
    queued: list[str] = []
    monkeypatch.setattr(mail_reset_link, "delay", lambda **values: queued.append(values["email"]))
    path = "/accounts/password/reset/" if page else f"{AUTH}/auth/password/request"
    emails = [UserFactory().email, "nobody@school.test"]
    seen = []
    for email in emails:
        with CaptureQueriesContext(connection) as queries:
            response = api_as().post(path, {"email": email}, format="multipart" if page else "json")
        seen.append((response.status_code, response.content, len(queries)))
    assert seen[0] == seen[1]
    assert queued == emails
