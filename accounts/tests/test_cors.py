"""A web application on an origin of its own."""

from typing import Any

import pytest
from django.core.checks import run_checks
from rest_framework.test import APIClient

from accounts.tests.clients import CSRF_URL, LOGIN_URL, SESSION_URL
from accounts.tests.factories import PASSWORD, UserFactory
from config import checks

pytestmark = pytest.mark.django_db

APP = "https://app.school.test"
EVIL = "https://evil.test"


@pytest.fixture(autouse=True)
def application(settings: Any) -> None:
    """What SPA_ORIGINS, COOKIE_SAMESITE and HTTPS set."""
    settings.SPA_ORIGINS = settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [APP]
    settings.SESSION_COOKIE_SAMESITE = settings.CSRF_COOKIE_SAMESITE = "None"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


def client() -> APIClient:
    return APIClient(enforce_csrf_checks=True)


def post_login(browser: APIClient, origin: str, token: str) -> Any:
    user = UserFactory()
    return browser.post(
        LOGIN_URL,
        {"email": user.email, "password": PASSWORD},
        secure=True,
        headers={"Origin": origin, "X-CSRFToken": token, "Referer": f"{origin}/"},
    )


@pytest.mark.parametrize("path", [LOGIN_URL, "/api/v1/me"])
def test_the_preflight(path: str) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-csrftoken,idempotency-key,if-match",
    }
    allowed = client().options(path, headers={"Origin": APP, **asked})
    assert allowed.status_code == 200
    assert allowed["Access-Control-Allow-Origin"] == APP
    assert allowed["Access-Control-Allow-Credentials"] == "true"
    for name in ("x-csrftoken", "idempotency-key", "if-match", "content-type"):
        assert name in allowed["Access-Control-Allow-Headers"]
    refused = client().options(path, headers={"Origin": EVIL, **asked})
    assert "Access-Control-Allow-Origin" not in refused


def test_the_whole_way() -> None:
    browser = client()
    first = browser.get(CSRF_URL, secure=True, headers={"Origin": APP})
    assert first["Access-Control-Allow-Origin"] == APP
    assert "origin" in first["Vary"].lower()
    response = post_login(browser, APP, first.json()["csrf_token"])
    assert response.status_code == 200, response.content
    assert "ETag" in response["Access-Control-Expose-Headers"]
    cookie = response.cookies["sessionid"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "None")
    assert browser.get("/api/v1/me", secure=True, headers={"Origin": APP}).status_code == 200
    seen = browser.get(SESSION_URL, secure=True, headers={"Origin": APP})
    assert seen.json()["meta"]["is_authenticated"] is True


def test_a_foreign_origin_gets_nothing() -> None:
    browser = client()
    token = browser.get(CSRF_URL, secure=True).json()["csrf_token"]
    response = post_login(browser, EVIL, token)
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")
    assert "Access-Control-Allow-Origin" not in response
    read = browser.get("/api/v1/me", secure=True, headers={"Origin": EVIL})
    assert "Access-Control-Allow-Origin" not in read


def test_pages_are_not_shared() -> None:
    response = client().get("/accounts/login/", secure=True, headers={"Origin": APP})
    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("SPA_ORIGINS", ["*"], "E010"),
        ("SPA_ORIGINS", ["app.school.test"], "E010"),
        ("SPA_ORIGINS", ["https://app.school.test/"], "E010"),
        ("SPA_ORIGINS", ["https://app.school.test/path"], "E010"),
        ("SPA_ORIGINS", ["https://*.school.test"], "E010"),
        ("SPA_ORIGINS", ["https://user@app.school.test"], "E010"),
        ("SPA_ORIGINS", ["https://app.school.test:port"], "E010"),
        ("SPA_ORIGINS", ["javascript://app"], "E010"),
        ("SPA_ORIGINS", ["https://app.school.test?x"], "E010"),
        ("SESSION_COOKIE_SAMESITE", "Loose", "E011"),
        ("SESSION_COOKIE_SECURE", False, "E012"),
    ],
)
def test_what_can_not_work_is_a_check(name: str, value: Any, number: str, settings: Any) -> None:
    setattr(settings, name, value)
    [found] = run_checks(tags=[checks.TAG])
    assert found.id == f"lectern.{number}"
    assert found.hint.startswith("Set ")


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://[::1]:8443", APP])
def test_origins_that_are_fine(origin: str, settings: Any) -> None:
    settings.SPA_ORIGINS = [origin]
    assert run_checks(tags=[checks.TAG]) == []
