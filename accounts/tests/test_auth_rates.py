"""How often one may sign in, sign up and change an account: django-allauth's views are counted."""

import json
from typing import Any

import pytest
from django.test import Client
from django_redis import get_redis_connection

from accounts.tests.clients import browser_as
from accounts.tests.factories import PASSWORD, UserFactory
from config import limits

pytestmark = [pytest.mark.django_db, pytest.mark.contract]

API = "/_allauth/browser/v1"
LOGIN = f"{API}/auth/login"


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    """JSON for the API, a form for the pages."""
    if path.startswith("/accounts/"):
        return client.post(path, body, headers=headers)
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(path, text, content_type="application/json", headers=headers)


def counts() -> dict[str, int]:
    """Counters by the end of their names."""
    redis = get_redis_connection("default")
    return {
        name.decode().partition(":")[2]: int(redis.get(name))
        for name in redis.scan_iter("ratelimit:*")
    }


def test_signing_in_counts_the_address_and_the_account() -> None:
    user = UserFactory()
    response = post(Client(), LOGIN, {"email": user.email.upper(), "password": PASSWORD})
    assert response.status_code == 200
    assert counts() == {
        "127.0.0.1:login_address": 1,
        f"127.0.0.1:{user.email}:login": 1,
    }
    assert response["RateLimit-Policy"] == '"login_address";q=600;w=60, "login";q=10;w=60'
    assert '"login";r=9;t=' in response["RateLimit"]


def test_the_page_counts_the_same() -> None:
    user = UserFactory()
    response = post(Client(), "/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert response.status_code == 302
    assert counts() == {"127.0.0.1:login_address": 1, f"127.0.0.1:{user.email}:login": 1}


@pytest.mark.parametrize("path", [LOGIN, "/accounts/login/"])
def test_one_account_is_guessed_at_ten_times_a_minute(path: str) -> None:
    user, other = UserFactory(), UserFactory()
    get_redis_connection("default").set(f"ratelimit:127.0.0.1:{user.email}:login", 10, ex=30)
    body = {"email": user.email, "login": user.email, "password": PASSWORD}
    response = post(Client(), path, body)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 30
    assert response["RateLimit-Policy"] == '"login";q=10;w=60'
    assert response["RateLimit"].startswith('"login";r=0;t=')
    if path == LOGIN:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "rate_limit_exceeded"
    else:
        assert response["Content-Type"].startswith("text/html")
        assert b"try again in" in response.content
    assert "sessionid" not in response.cookies
    again = {"email": other.email, "login": other.email, "password": PASSWORD}
    assert post(Client(), path, again).status_code in (200, 302)


def test_a_header_that_is_made_up_guesses_no_further() -> None:
    user = UserFactory()
    for number in range(limits.RATE_LIMITS["login"] + 2):
        body = {"email": user.email, "password": f"wrong-{number}"}
        response = post(Client(), LOGIN, body, **{"X-Forwarded-For": f"6.6.6.{number}"})
    assert response.status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '"text"', '{"email": 5}', '{"email": {"a": []}}', "[" * 100_000,
        b"\xff\xfe", '{"email": "\\ud800"}', '{"email": "a\\u0000b"}',
        json.dumps({"email": "a" * 100_000}),
    ],
)  # fmt: skip
def test_a_body_of_rubbish_crashes_nothing(body: str | bytes) -> None:
    response = post(Client(), LOGIN, body)
    assert 400 <= response.status_code < 500
    # Most of it is refused before it gets as far as a view.
    assert len(counts()) in (0, 2)
    assert all(len(name) < 300 for name in counts())


def test_a_form_of_rubbish_is_counted_and_crashes_nothing() -> None:
    broken = Client().post("/accounts/login/", b"x", content_type="multipart/form-data; boundary=")
    assert 400 <= broken.status_code < 500 or broken.status_code == 200
    assert Client().post("/accounts/login/", {"login": "a\x00b"}).status_code in (200, 400)


@pytest.mark.parametrize(
    ("path", "rate"),
    [
        (f"{API}/auth/signup", "signup"),
        ("/accounts/signup/", "signup"),
        (f"{API}/auth/password/request", "mail_address"),
        ("/accounts/password/reset/", "mail_address"),
        (f"{API}/auth/email/verify/resend", "mail_address"),
        (f"{API}/auth/password/reset", "step_address"),
        ("/accounts/password/reset/key/1-set-password/", "step_address"),
        (f"{API}/auth/email/verify", "step_address"),
        (f"{API}/auth/2fa/authenticate", "step_address"),
        ("/accounts/2fa/authenticate/", "step_address"),
        (f"{API}/auth/webauthn/login", "login_address"),
    ],
)
def test_visitors_are_counted_by_address(path: str, rate: str) -> None:
    limit = limits.RATE_LIMITS[rate]
    post(Client(), path, {})
    assert counts()[f"127.0.0.1:{rate}"] == 1
    get_redis_connection("default").set(f"ratelimit:127.0.0.1:{rate}", limit, ex=30)
    assert post(Client(), path, {}).status_code == 429


@pytest.mark.parametrize(
    ("path", "body", "rate"),
    [
        (f"{API}/auth/password/request", {"email": "a@school.test"}, "mail"),
        ("/accounts/password/reset/", {"email": "a@school.test"}, "mail"),
        (f"{API}/auth/password/reset", {"key": "x", "password": PASSWORD}, "step"),
        (f"{API}/auth/email/verify", {"key": "x"}, "step"),
        ("/accounts/confirm-email/x/", {}, "step"),
    ],
)
def test_an_account_or_a_key_is_counted_strictly(path: str, body: Any, rate: str) -> None:
    for _ in range(limits.RATE_LIMITS[rate]):
        assert post(Client(), path, body)["RateLimit-Policy"]
    response = post(Client(), path, body)
    assert response.status_code == 429
    assert f'"{rate}"' in response["RateLimit-Policy"]
    other = {name: f"b{value}" for name, value in body.items()}
    assert f'"{rate}";r=9' in post(Client(), path.replace("/x/", "/bx/"), other)["RateLimit"]


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/account/password/change",
        f"{API}/account/email",
        f"{API}/account/authenticators/totp",
        f"{API}/account/authenticators/webauthn",
        f"{API}/account/authenticators/recovery-codes",
        f"{API}/auth/reauthenticate",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/reauthenticate/",
        "/accounts/2fa/totp/activate/",
    ],
)
def test_who_is_signed_in_is_counted_by_user(path: str) -> None:
    user = UserFactory()
    client = browser_as(user)
    post(client, path, {})
    assert counts() == {f"{user.pk}:account": 1}
    get_redis_connection("default").set(f"ratelimit:{user.pk}:account", 30, ex=30)
    assert post(client, path, {}).status_code == 429
    assert client.get("/api/v1/me").status_code == 200


def test_reading_is_not_counted() -> None:
    client = browser_as(UserFactory())
    client.get(f"{API}/auth/session")
    client.get("/accounts/email/")
    Client().get("/accounts/login/")
    assert counts() == {}


@pytest.mark.parametrize("path", [LOGIN, "/accounts/login/", "/accounts/password/reset/"])
def test_without_redis_nobody_guesses(settings: Any, path: str) -> None:
    user = UserFactory()
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    body = {"email": user.email, "login": user.email, "password": PASSWORD}
    response = post(Client(), path, body)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    kind = "application/problem+json" if path == LOGIN else "text/html; charset=utf-8"
    assert response["Content-Type"] == kind
