"""Logs without secrets, and without tracebacks of what is no bug; pages that say what is wrong."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from gunicorn.config import Config

from accounts.tests.clients import api_as, browser_as, csrf, spa
from accounts.tests.factories import TeacherFactory, UserFactory
from config.logs import AccessLogger, PlainFilter, mask

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/invitation/SECRET/",
        "/account/invitation/SECRET",
        "/accounts/password/reset/key/SECRET/",
        "/account/password/reset/key/SECRET",
        "/accounts/confirm-email/SECRET/",
        "/account/verify-email/SECRET",
        "/files/SECRET/page.pdf",
    ],
)
def test_the_access_log_has_no_secret(path: str) -> None:
    class Response:
        status, sent, headers = "200 OK", 1, ()

    environ = {"REQUEST_METHOD": "GET", "RAW_URI": f"{path}?a=1", "SERVER_PROTOCOL": "HTTP/1.1",
               "PATH_INFO": path, "QUERY_STRING": "a=1",
               "HTTP_REFERER": f"https://school.test{path}"}  # fmt: skip
    logger = AccessLogger(Config())
    from_headers = [("REFERER", environ["HTTP_REFERER"])]
    atoms = logger.atoms(Response(), from_headers, environ, timedelta(0))
    assert "SECRET" not in Config().access_log_format % logger.atoms_wrapper_class(atoms)
    assert "SECRET" not in str(atoms["{referer}i"])
    assert "***" in atoms["r"]


def test_other_addresses_stay() -> None:
    for path in ("/accounts/login/", "/api/v1/me", "/accounts/invitation/"):
        assert mask(path) == path


def kept(caplog: Any) -> list[logging.LogRecord]:
    return [record for record in caplog.records if PlainFilter().filter(record)]


def test_what_was_refused_has_no_traceback(caplog: Any, settings: Any) -> None:
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["plain"]
    browser_as(UserFactory()).get("/admin/", follow=True)
    browser_as(TeacherFactory()).get("/admin/accounts/user/add/")
    Client().get("/", headers={"Host": "evil.test"})
    records = kept(caplog)
    assert any("evil.test" in record.getMessage() for record in records)
    assert any(getattr(record, "status_code", 0) == 403 for record in records)
    assert not any(record.exc_info for record in records)


def test_a_bug_keeps_its_traceback() -> None:
    info = (KeyError, KeyError("x"), None)
    record = logging.LogRecord("django.request", 40, "", 1, "broken", (), info)
    record.status_code = 500
    PlainFilter().filter(record)
    assert record.exc_info == info


def test_pages_that_say_what_is_wrong() -> None:
    missing = browser_as(TeacherFactory()).get("/accounts/no/such/page/")
    refused = browser_as(TeacherFactory()).get("/admin/accounts/user/add/")
    forged = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    for response, status in ((missing, 404), (refused, 403), (forged, 403)):
        assert response.status_code == status
        assert "<main" in response.content.decode()
        assert "Lectern" in response.content.decode()
    assert Client().get("/favicon.ico").status_code == 302


def test_the_api_names_a_missing_csrf_token() -> None:
    client = spa()
    client.force_login(UserFactory())
    response = client.patch("/api/v1/me", {"name": "X"})
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")
    assert client.patch("/api/v1/me", {"name": "X"}, **csrf(client)).status_code == 200


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("/api/v1/me", {"name": "One"}, {"name": "Two"}),
        ("/api/v1/me/preferences", {"theme": "dark"}, {"theme": "light"}),
    ],
)
def test_nobody_overwrites_ones_own_change(path: str, one: Any, other: Any) -> None:
    client = api_as(UserFactory())
    etag = client.get(path)["ETag"]
    changed = client.patch(path, one, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] == client.get(path)["ETag"] != etag
    stale = client.patch(path, other, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert client.patch(path, other).status_code == 200


@pytest.mark.parametrize("email", ["jos\u00e9@school.test", "a@[127.0.0.1]"])
def test_addresses_that_are_none_here(email: str) -> None:
    client = spa()
    body = {"email": email, "password": "a-Long-test-password-7"}
    response = client.post("/_allauth/browser/v1/auth/signup", body, **csrf(client))
    assert response.status_code == 400
