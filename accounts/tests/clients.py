"""Clients of the API and the admin for tests."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core import mail
from django.test import Client, TestCase
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD

AUTH = "/_allauth/browser/v1"
LOGIN_URL = f"{AUTH}/auth/login"
SIGN_UP_URL = f"{AUTH}/auth/signup"
SESSION_URL = f"{AUTH}/auth/session"
CSRF_URL = "/api/v1/auth/csrf"


def api_as(user: User | None = None) -> APIClient:
    """An API client, signed in as `user` by a real session in Redis, without CSRF checks."""
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def browser_as(user: User | None = None, *, proved: float = 0) -> Client:
    """A browser for the admin, signed in as `user`, with the password, `proved` seconds ago."""
    client = Client()
    if user is not None:
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time() - proved}
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def spa() -> APIClient:
    """A client like the web application: every unsafe request needs the CSRF token."""
    client = APIClient(enforce_csrf_checks=True)
    client.get(CSRF_URL)
    return client


def csrf(client: APIClient) -> dict[str, Any]:
    """The header that unsafe requests of this client carry."""
    return {"headers": {"X-CSRFToken": client.cookies["csrftoken"].value}}


def sign_in(client: APIClient, user: User, password: str = PASSWORD) -> Any:
    """Sign in through the API; returns the response."""
    return client.post(LOGIN_URL, {"email": user.email, "password": password}, **csrf(client))


def prove(client: APIClient, password: str = PASSWORD) -> None:
    """Prove again who one is, as what changes how one signs in wants it."""
    body = {"password": password}
    response = client.post(f"{AUTH}/auth/reauthenticate", body, **csrf(client))
    assert response.status_code == 200, response.json()


@contextmanager
def delivered() -> Iterator[list[Any]]:
    """The mails that are sent inside: they leave after the commit, which a test never reaches."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield mail.outbox


def link_in(message: Any, part: str) -> str:
    """The path of the link in a mail that has `part` in it."""
    found = re.search(rf"https?://[^/\s]+(\S*{part}\S*)", message.body)
    assert found, message.body
    return found[1]


def filled_in(response: Any, **changes: Any) -> dict[str, Any]:
    """The data that a browser would post from an admin's form page, with changes."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and not field.field.disabled:
                data[field.html_name] = field.field.prepare_value(value)
    return {**data, **changes}
