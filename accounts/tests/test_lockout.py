"""Guessing passwords locks an account for an address, and an admin lifts that."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.tests.clients import LOGIN_URL, api_as, browser_as, csrf, sign_in, spa
from accounts.tests.factories import PASSWORD, AdminFactory, TeacherFactory, UserFactory
from config import limits

pytestmark = pytest.mark.django_db

PAGE = "/accounts/login/"
ADMIN = "/admin/axes/accessattempt/"


def guess(email: str, times: int = limits.LOGIN_FAILURES) -> Any:
    for number in range(times):
        client = spa()
        body = {"email": email, "password": f"guess-{number}"}
        response = client.post(LOGIN_URL, body, **csrf(client))
    return response


@pytest.mark.parametrize("known", [True, False])
def test_an_account_is_locked_whether_it_exists_or_not(known: bool) -> None:
    user = UserFactory() if known else UserFactory.build()
    assert guess(user.email, limits.LOGIN_FAILURES - 1).status_code == 400
    guess(user.email, 1)
    response = sign_in(spa(), user)
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["code"], body["status"]) == ("account_locked", 429)
    assert user.email not in str(body)
    assert 0 < int(response["Retry-After"]) <= limits.LOGIN_COOLOFF.total_seconds()


def test_others_behind_the_same_address_are_not() -> None:
    victim, other = UserFactory(), UserFactory()
    guess(victim.email.upper())
    assert sign_in(spa(), victim).status_code == 429
    assert sign_in(spa(), other).status_code == 200


def test_a_success_starts_again() -> None:
    user = UserFactory()
    guess(user.email, limits.LOGIN_FAILURES - 1)
    assert sign_in(spa(), user).status_code == 200
    assert not AccessAttempt.objects.exists()


def test_the_lock_ends_by_itself() -> None:
    user = UserFactory()
    guess(user.email)
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - limits.LOGIN_COOLOFF - timedelta(seconds=1)
    )
    assert sign_in(spa(), user).status_code == 200


def test_the_page_says_so() -> None:
    user = UserFactory()
    for _ in range(limits.LOGIN_FAILURES):
        browser_as().post(PAGE, {"login": user.email, "password": "wrong"})
    response = browser_as().post(PAGE, {"login": user.email, "password": PASSWORD})
    assert response.status_code == 429
    assert response["Content-Type"].startswith("text/html")
    assert "minutes" in response.content.decode()
    assert response["Retry-After"]


def test_nothing_that_was_typed_is_kept() -> None:
    secret = "typed-by-somebody"
    client = spa()
    body = {"email": "a@school.test", "password": secret, "passwort": secret}
    client.post(f"{LOGIN_URL}?password={secret}&x={secret}", body, **csrf(client))
    form = {"login": "a@school.test", "password": secret, "other": secret}
    browser_as().post(f"{PAGE}?x={secret}", form)
    browser_as().post(PAGE, form)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM axes_accessattempt a")
        rows = [row[0] for row in cursor.fetchall()]
        assert rows
        assert secret not in " ".join(rows)
        for table in ("axes_accesslog", "axes_accessfailurelog"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "headers", [{"User-Agent": "a\x00b"}, {"Accept": "\x00"}, {"User-Agent": "x" * 5000}]
)
def test_headers_that_no_column_takes(headers: dict[str, str]) -> None:
    form = {"login": "a@school.test", "password": "wrong"}
    assert browser_as().post(PAGE, form, headers=headers).status_code == 200
    assert AccessAttempt.objects.count() == 1


def test_a_nul_in_the_address() -> None:
    form = {"login": "a\x00@school.test", "password": "wrong"}
    assert browser_as().post(PAGE, form).status_code == 200


def test_an_admin_sees_and_lifts_locks() -> None:
    user = UserFactory()
    guess(user.email)
    browser = browser_as(AdminFactory())
    page = browser.get(ADMIN)
    assert user.email in page.content.decode()
    assert browser.get(f"{ADMIN}add/").status_code == 403
    attempt = AccessAttempt.objects.get()
    change = f"{ADMIN}{attempt.pk}/change/"
    assert browser.get(change).status_code == 200
    assert browser.post(change, {"username": "x"}).status_code == 403
    assert browser.post(f"{ADMIN}{attempt.pk}/delete/", {"post": "yes"}).status_code == 302
    assert sign_in(spa(), user).status_code == 200


@pytest.mark.parametrize("factory", [UserFactory, TeacherFactory])
def test_nobody_else_does(factory: type[UserFactory]) -> None:
    guess("a@school.test", 1)
    browser = browser_as(factory())
    attempt = AccessAttempt.objects.get()
    for path in (ADMIN, f"{ADMIN}{attempt.pk}/change/", f"{ADMIN}{attempt.pk}/delete/"):
        response = browser.get(path)
        assert response.status_code in (302, 403), path
        assert "a@school.test" not in response.content.decode()


def test_a_signed_in_person_can_be_locked_out_of_proving() -> None:
    user: User = UserFactory()
    client = spa()
    sign_in(client, user)
    path = LOGIN_URL.replace("login", "reauthenticate")
    for _ in range(limits.LOGIN_FAILURES):
        client.post(path, {"password": "wrong"}, **csrf(client))
    response = client.post(path, {"password": PASSWORD}, **csrf(client))
    assert (response.status_code, response.json()["code"]) == (429, "account_locked")
    assert api_as(user).get("/api/v1/me").status_code == 200
