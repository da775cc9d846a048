"""What a client is told of its rates, and whom a visitor is counted as."""

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django_redis import get_redis_connection

from accounts.ratelimit import caller_identity
from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from config import limits

# Redis is spoken to here: once more on the real server.
pytestmark = pytest.mark.contract


@pytest.mark.django_db
def test_the_api_answers_429() -> None:
    user = UserFactory()
    client = api_as(user)
    assert client.get("/api/v1/me").status_code == 200
    get_redis_connection("default").set(
        f"ratelimit:{user.pk}:default", limits.RATE_LIMITS["default"], ex=30
    )
    response = client.get("/api/v1/me")
    assert response.status_code == 429
    assert response["RateLimit-Policy"] == '"default";q=300;w=60'
    assert response["RateLimit"] == f'"default";r=0;t={response["Retry-After"]}'
    assert response.json()["policy"] == "default"
    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 30
    assert response.json()["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "identity"),
    [
        (0, "6.6.6.6", "9.9.9.9", "9.9.9.9"),  # nobody may name their own address
        (1, "6.6.6.6, 9.9.9.9", "10.0.0.1", "9.9.9.9"),
        (2, "6.6.6.6", "9.9.9.9", "9.9.9.9"),  # around a proxy
        (2, "", "9.9.9.9", "9.9.9.9"),
        (1, "rubbish", "10.0.0.1", "unknown"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "2001:DB8:1:2::99", "10.0.0.1", "2001:db8:1:2::/64"),
        (0, "", "::ffff:9.9.9.9", "9.9.9.9"),
    ],
)
def test_a_visitor_is_an_address(
    settings: Any, proxies: int, forwarded: str, remote: str, identity: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": forwarded} if forwarded else {}, REMOTE_ADDR=remote
    )
    assert caller_identity(request) == identity


@pytest.mark.django_db
def test_a_made_up_header_opens_no_new_counter() -> None:
    for number in range(3):
        Client().get("/api/v1/auth/csrf", headers={"X-Forwarded-For": f"6.6.6.{number}"})
    assert get_redis_connection("default").get("ratelimit:127.0.0.1:csrf") == b"3"


_STATE = re.compile(r'"(?:default|refused)";r=(\d+);t=(\d+)')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "signed_in", "status"),
    [
        ("get", "/api/v1/me", True, 200),
        ("get", "/api/v1/me", False, 401),
        ("post", "/api/v1/me", True, 405),
        ("get", "/api/v1/users/nobody", True, 404),
        ("get", "/api/v1/no/such/thing", False, 404),
        ("patch", "/api/v1/me", True, 415),
        ("get", "/api/v1/schema", False, 200),
    ],
)
def test_every_answer_tells_what_is_left(
    method: str, path: str, signed_in: bool, status: int
) -> None:
    client = api_as(UserFactory() if signed_in else None)
    for number in (1, 2):
        response = client.generic(method.upper(), path, "x", content_type="text/plain")
        assert response.status_code == status
        rate = "default" if status == 200 or signed_in else "refused"
        assert response["RateLimit-Policy"] == f'"{rate}";q=300;w=60'
        found = _STATE.fullmatch(response["RateLimit"])
        assert found and int(found[1]) == 300 - number
        assert 1 <= int(found[2]) <= 60


@pytest.mark.django_db
def test_who_is_not_let_in_is_counted_too() -> None:
    get_redis_connection("default").set("ratelimit:127.0.0.1:refused", 300, ex=30)
    response = api_as().get("/api/v1/me")
    assert response.status_code == 429
    assert response["RateLimit"].startswith('"refused";r=0;t=')
    assert int(response["Retry-After"]) <= 30


@pytest.mark.django_db
def test_the_headers_name_the_rate_of_the_view() -> None:
    response = api_as(UserFactory()).get("/api/v1/search", {"q": "cells"})
    assert response["RateLimit-Policy"] == '"search";q=60;w=60'
    assert response["RateLimit"].startswith('"search";r=59;t=')


def test_pages_have_none() -> None:
    assert "RateLimit" not in Client().get("/health/live").headers
