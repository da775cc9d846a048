"""While Redis is down nobody is signed out."""

from typing import Any

import pytest
from django.db.models.signals import pre_save
from django_redis import get_redis_connection
from redis import Redis

from accounts.models import User
from accounts.tests.clients import browser_as
from accounts.tests.factories import TeacherFactory, UserFactory

# Redis is spoken to here: once more on the real server.
pytestmark = [pytest.mark.django_db, pytest.mark.contract]

ME = "/api/v1/me"


@pytest.fixture
def redis() -> Redis:
    return get_redis_connection("default")


@pytest.mark.parametrize(
    "path", [ME, "/admin/", "/accounts/email/", "/_allauth/browser/v1/auth/session"]
)
def test_redis_that_is_down_is_a_503_and_the_cookie_stays(
    settings: Any, redis: Redis, path: str
) -> None:
    client = browser_as(TeacherFactory())
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    up = settings.CACHES
    settings.CACHES = {"default": {**up["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    response = client.get(path)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    if path.startswith(("/admin", "/accounts")):
        assert response["Content-Type"].startswith("text/html")
        assert b"still signed in" in response.content
    else:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "store_unavailable"
    settings.CACHES = up
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == before
    assert client.get(ME).status_code == 200


def test_redis_that_goes_down_during_a_request_ends_no_session(settings: Any) -> None:
    user, up = UserFactory(), settings.CACHES
    client = browser_as(user)

    def go_down(sender: type[User], **kwargs: object) -> None:
        settings.CACHES = {"default": {**up["default"], "LOCATION": "redis://127.0.0.1:1/0"}}

    pre_save.connect(go_down, sender=User)
    try:
        response = client.patch(ME, {"name": "Late"}, content_type="application/json")
    finally:
        pre_save.disconnect(go_down, sender=User)
    assert response.status_code == 503
    assert not response.cookies
    settings.CACHES = up
    assert client.get(ME).status_code == 200
