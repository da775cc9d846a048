"""Signing in and out through the API, with CSRF as a browser meets it."""

import pytest
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from accounts.tests.clients import CSRF_URL, LOGIN_URL, SESSION_URL, csrf, sign_in, spa
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"


def test_signing_in_and_out() -> None:
    user, client = UserFactory(), spa()
    response = sign_in(client, user)
    assert response.status_code == 200
    assert response.json()["data"]["user"]["email"] == user.email
    assert client.get(ME).json()["id"] == str(user.pk)
    # That nobody is signed in is a 401 of the library's, and tells how to sign in.
    out = client.delete(SESSION_URL, **csrf(client))
    assert (out.status_code, out.json()["code"]) == (401, "not_authenticated")
    assert client.get(ME).status_code == 401
    assert get_redis_connection("default").keys("session:*") == []


def test_the_case_of_the_address_does_not_matter() -> None:
    user, client = UserFactory(email="ada@school.test"), spa()
    user.email = "  ADA@School.TEST "
    assert sign_in(client, user).status_code == 200


def test_signing_in_needs_the_csrf_token() -> None:
    user = UserFactory()
    client = APIClient(enforce_csrf_checks=True)
    response = client.post(LOGIN_URL, {"email": user.email, "password": PASSWORD})
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")
    assert response["Content-Type"] == "application/problem+json"
    assert not get_redis_connection("default").keys("session:*")


def test_every_unsafe_request_needs_the_csrf_token() -> None:
    user, client = UserFactory(), spa()
    sign_in(client, user)
    assert client.patch(ME, {"name": "Changed"}).status_code == 403
    assert client.patch(ME, {"name": "Changed"}, **csrf(client)).status_code == 200
    assert client.delete(SESSION_URL).status_code == 403


@pytest.mark.parametrize("password", ["wrong", PASSWORD + "x", PASSWORD.lower()])
def test_a_wrong_password(password: str) -> None:
    user, client = UserFactory(), spa()
    response = sign_in(client, user, password)
    assert response.status_code == 400
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
    assert client.delete(SESSION_URL, **csrf(client)).status_code == 401


def test_a_whole_class_signs_in_from_one_address() -> None:
    for _ in range(12):
        assert sign_in(spa(), UserFactory()).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@b.c"}, {"email": 5, "password": []}, {"email": "", "password": ""}]
)
def test_incomplete_input(body: dict[str, object]) -> None:
    client = spa()
    response = client.post(LOGIN_URL, body, **csrf(client))
    assert response.status_code == 400
    assert {item["field"] for item in response.json()["errors"]} <= {"email", "password"}


def test_the_token_is_told_to_an_application_that_can_not_read_the_cookie() -> None:
    client = APIClient(enforce_csrf_checks=True)
    response = client.get(CSRF_URL)
    assert "no-store" in response["Cache-Control"]
    token = response.json()["csrf_token"]
    user = UserFactory()
    login = {"email": user.email, "password": PASSWORD}
    assert client.post(LOGIN_URL, login, headers={"X-CSRFToken": token}).status_code == 200


def test_signing_in_changes_the_session() -> None:
    user, client = UserFactory(), spa()
    client.get(SESSION_URL)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert sign_in(client, user).status_code == 200
    assert client.cookies["sessionid"].value != session.session_key
    assert not session.exists(session.session_key)


def test_signing_in_twice_is_a_conflict() -> None:
    user, client = UserFactory(), spa()
    sign_in(client, user)
    again = sign_in(client, user)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
