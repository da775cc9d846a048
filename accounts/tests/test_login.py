"""Signing in and out through the API, with CSRF as a browser meets it."""

import pytest
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from accounts.tests.clients import SESSION_URL, csrf, sign_in, spa
from accounts.tests.factories import PASSWORD, UserFactory
from config import limits

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"


def test_signing_in_and_out() -> None:
    user, client = UserFactory(), spa()
    response = sign_in(client, user)
    assert response.status_code == 200
    assert response.json()["email"] == user.email
    assert client.get(ME).json()["id"] == str(user.pk)
    assert client.delete(SESSION_URL, **csrf(client)).status_code == 204
    assert client.get(ME).status_code == 401
    assert get_redis_connection("default").keys("session:*") == []


def test_the_case_of_the_address_does_not_matter() -> None:
    user, client = UserFactory(email="ada@school.test"), spa()
    user.email = "  ADA@School.TEST "
    assert sign_in(client, user).status_code == 200


def test_signing_in_needs_the_csrf_token() -> None:
    user = UserFactory()
    client = APIClient(enforce_csrf_checks=True)
    response = client.post(SESSION_URL, {"email": user.email, "password": PASSWORD})
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert not get_redis_connection("default").keys("session:*")


def test_every_unsafe_request_needs_the_csrf_token() -> None:
    user, client = UserFactory(), spa()
    sign_in(client, user)
    assert client.patch(ME, {"name": "Changed"}).status_code == 403
    assert client.patch(ME, {"name": "Changed"}, **csrf(client)).status_code == 200
    assert client.delete(SESSION_URL).status_code == 403


@pytest.mark.parametrize("password", ["wrong", PASSWORD + " ", PASSWORD.lower()])
def test_a_wrong_password(password: str) -> None:
    user, client = UserFactory(), spa()
    response = sign_in(client, user, password)
    assert response.status_code == 403
    assert response.json()["code"] == "wrong_credentials"


def test_an_unknown_address_answers_like_a_wrong_password() -> None:
    client = spa()
    known = sign_in(client, UserFactory(), "wrong")
    unknown = sign_in(client, UserFactory.build(), "wrong")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


def test_an_account_that_is_not_active_can_not_sign_in() -> None:
    user, client = UserFactory(is_active=False), spa()
    assert sign_in(client, user).json()["code"] == "wrong_credentials"


def test_a_session_ends_when_its_account_is_closed() -> None:
    user, client = UserFactory(), spa()
    sign_in(client, user)
    user.is_active = False
    user.save()
    assert client.get(ME).status_code == 401


def test_a_new_password_ends_the_other_sessions() -> None:
    user, client = UserFactory(), spa()
    sign_in(client, user)
    user.set_password("another-Long-password-8")
    user.save()
    assert client.get(ME).status_code == 401


def test_signing_out_without_a_session_is_no_error() -> None:
    client = spa()
    assert client.delete(SESSION_URL).status_code == 204


def test_guessing_is_limited_for_each_account() -> None:
    client, victim = spa(), UserFactory()
    for _ in range(limits.RATE_LIMITS["login"]):
        assert sign_in(client, victim, "guess").status_code == 403
    response = sign_in(client, victim)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= limits.RATE_LIMIT_WINDOW
    assert response.json()["code"] == "rate_limit_exceeded"
    # The rest of the class, behind the same address, gets in.
    assert sign_in(spa(), UserFactory()).status_code == 200


def test_a_whole_class_signs_in_from_one_address() -> None:
    for _ in range(12):
        assert sign_in(spa(), UserFactory()).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@b.c"}, {"email": 5, "password": []}, {"email": "", "password": ""}]
)
def test_incomplete_input(body: dict[str, object]) -> None:
    client = spa()
    response = client.post(SESSION_URL, body, **csrf(client))
    assert response.status_code == 400
    assert {item["field"] for item in response.json()["errors"]} <= {"email", "password"}
