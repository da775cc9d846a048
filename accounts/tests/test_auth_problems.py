"""django-allauth's API: every error is a problem with the library's members, never a 500."""

import time
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.tests.clients import AUTH, LOGIN_URL, csrf, delivered, prove, sign_in, spa
from accounts.tests.factories import UserFactory
from config import limits

pytestmark = pytest.mark.django_db

BODIES: tuple[Any, ...] = (
    {},
    {"email": 5, "password": [], "key": {}, "code": 1.5, "name": None, "credential": "x"},
    {"email": ["a"], "key": "x-y", "code": "9" * 5000, "id": 10**40, "authenticators": [[]]},
    {"key": "-", "password": "x" * 3000, "new_password": 1, "current_password": True},
    {"key": "1-é\u202e", "email": "é@ü.test", "primary": "maybe", "passwordless": "x"},
)


def operations() -> set[tuple[str, str]]:
    """All (method, path) of the API that the application uses."""

    def walk(patterns: Any, prefix: str) -> Any:
        for item in patterns:
            path = prefix + str(item.pattern)
            if isinstance(item, URLResolver):
                yield from walk(item.url_patterns, path)
            elif isinstance(item, URLPattern):
                yield path, item.callback

    found = set()
    for path, view in walk(get_resolver().url_patterns, "/"):
        if path.startswith(f"{AUTH}/"):
            methods = [m for m in view.view_class.http_method_names if hasattr(view.view_class, m)]
            found |= {(method, path) for method in methods if method != "options"}
    return found


def test_there_are_operations() -> None:
    assert ("post", LOGIN_URL) in operations()
    assert len(operations()) > 25


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("number", range(len(BODIES)))
def test_nothing_breaks(signed_in: bool, number: int) -> None:
    user = UserFactory()
    for method, path in sorted(operations()):
        client = spa()
        if signed_in:
            client.force_login(user)
        body = None if method in ("get", "head") else BODIES[number]
        with delivered():
            response = getattr(client, method)(path, body, **csrf(client))
        assert response.status_code < 500, (method, path, response.content)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json", (method, path)
            found = response.json()
            assert found["status"] == response.status_code
            assert found["code"] and found["title"] and found["detail"] and found["type"]
            for error in found.get("errors", ()):
                assert {"field", "detail", "code"} <= set(error)


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("X-Password-Reset-Key", "auth/password/reset"),
        ("X-Email-Verification-Key", "auth/email/verify"),
    ],
)
@pytest.mark.parametrize("key", ["", "-", "x-y", "\x00", "a\x00-b", "é", "x" * 5000, "00000-1-2"])
def test_keys_that_nobody_was_given(header: str, path: str, key: str) -> None:
    response = spa().get(f"{AUTH}/{path}", headers={header: key})
    assert response.status_code == 400, response.content
    assert response.json()["code"] == "invalid"


def test_a_method_that_is_not_offered() -> None:
    client = spa()
    response = client.put(LOGIN_URL, {}, **csrf(client))
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in response["Allow"]


@pytest.mark.parametrize("path", ["", "browser/v1/nothing", "app/v1/auth/login", "browser/%00"])
def test_what_is_not_there(path: str) -> None:
    response = spa().get(f"/_allauth/{path}")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_query_with_nul() -> None:
    response = spa().get(f"{AUTH}/config?x=%00")
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_that_is_no_json(kind: str) -> None:
    client = spa()
    token = client.cookies["csrftoken"].value
    response = client.generic(
        "POST", LOGIN_URL, b"email=a%40b.c", content_type=kind, headers={"X-CSRFToken": token}
    )
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_a_body_that_is_too_large() -> None:
    client = spa()
    body = {"email": "x" * limits.AUTH_MAX_BYTES}
    response = client.post(LOGIN_URL, body, **csrf(client))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_what_a_step_is_called() -> None:
    client = spa()
    anonymous = client.get(f"{AUTH}/account/email")
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_authenticated")
    assert anonymous.json()["data"]["flows"]
    sign_in(client, UserFactory())
    with patch("accounts.auth.proof.time.time", return_value=time.time() + 301):
        stale = client.post(f"{AUTH}/account/email", {"email": "x@school.test"}, **csrf(client))
    assert (stale.status_code, stale.json()["code"]) == (401, "reauthentication_required")
    prove(client)
    with delivered():
        fresh = client.post(f"{AUTH}/account/email", {"email": "x@school.test"}, **csrf(client))
    assert fresh.status_code == 200
