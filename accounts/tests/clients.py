"""Clients of the API and the admin for tests."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD

SESSION_URL = "/api/v1/auth/session"
CSRF_URL = "/api/v1/auth/csrf"


def api_as(user: User | None = None) -> APIClient:
    """An API client, signed in as `user` by a real session in Redis, without CSRF checks."""
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def browser_as(user: User | None = None) -> Client:
    """A browser for the admin, signed in as `user`."""
    client = Client()
    if user is not None:
        client.force_login(user)
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
    return client.post(SESSION_URL, {"email": user.email, "password": password}, **csrf(client))


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
