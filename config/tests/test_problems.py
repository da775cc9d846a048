"""Every error of the API is a problem detail (RFC 9457)."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User
from accounts.tests.clients import LOGIN_URL, api_as, browser_as
from accounts.tests.factories import PASSWORD, UserFactory
from config import limits
from config.tests.test_commands import CLOSED_POSTGRES, manage

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"
PREFERENCES = "/api/v1/me/preferences"


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def api(user: User) -> APIClient:
    return api_as(user)


def problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The body, after what holds for every problem has been checked."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:lectern:problem:{code}"
    assert body["title"] and body["detail"]
    return body


def send(api: APIClient, body: bytes | str, content_type: str = "application/json") -> Any:
    return api.generic("PATCH", ME, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{'name': 1}",
        '{"name": NaN}',
        '{"name": "tab\tinside"}',
        b'{"name": "\xff"}',
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)
def test_malformed_json(api: APIClient, body: bytes | str) -> None:
    problem(send(api, body), 400, "parse_error")


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800"])
def test_text_that_no_database_can_keep(api: APIClient, text: str) -> None:
    problem(send(api, f'{{"name": "{text}"}}'), 400, "parse_error")
    problem(send(api, f'{{"{text}": ["x"]}}'), 400, "parse_error")


def test_escapes_that_are_text_are_taken(api: APIClient) -> None:
    response = send(api, '{"name": "\\ud83d\\ude00 \\\\u0000 \\\\ud800"}')
    assert response.status_code == 200
    assert response.json()["name"] == "\U0001f600 \\u0000 \\ud800"


@pytest.mark.parametrize("body", ["[]", "5", "null", '"text"', "[1, 2]"])
def test_json_that_is_not_an_object(api: APIClient, body: str) -> None:
    errors = problem(send(api, body), 400, "invalid")["errors"]
    assert [item["field"] for item in errors] == [""]


def test_a_body_over_the_limit(api: APIClient) -> None:
    body = '{"name": "' + "x" * limits.JSON_MAX_BYTES + '"}'
    problem(send(api, body), 413, "too_large")


def test_an_unknown_field(api: APIClient) -> None:
    body = problem(api.patch(ME, {"nmae": "Ada", "name": "Ada"}), 400, "invalid")
    assert body["errors"] == [
        {"field": "nmae", "detail": "Unknown field.", "code": "unknown_field"}
    ]
    assert body["detail"] == "nmae: Unknown field."


def test_a_read_only_field(api: APIClient, user: User) -> None:
    body = problem(api.patch(ME, {"role": "admin"}), 400, "invalid")
    assert body["errors"][0]["code"] == "read_only"
    user.refresh_from_db()
    assert user.role == "student"


def test_a_value_that_breaks_a_rule(api: APIClient) -> None:
    body = problem(api.patch(ME, {"name": "x" * 101, "avatar_url": "nowhere"}), 400, "invalid")
    assert {item["field"] for item in body["errors"]} == {"name", "avatar_url"}


def test_a_rule_of_a_service(api: APIClient) -> None:
    body = problem(api.patch(PREFERENCES, {"difficulty_preference": 6}), 400, "invalid")
    assert body["errors"][0]["field"] == "difficulty_preference"


def test_another_content_type(api: APIClient) -> None:
    body = problem(send(api, "name=Ada", "text/plain"), 415, "unsupported_media_type")
    assert body["title"] == "Unsupported media type"


def test_a_format_that_is_not_served(api: APIClient) -> None:
    problem(api.get(ME, headers={"Accept": "text/csv"}), 406, "not_acceptable")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/", "/api/v1/me/nothing", ME + "/"])
def test_an_address_that_is_not_there(api: APIClient, method: str, path: str) -> None:
    api.handler.enforce_csrf_checks = True
    problem(getattr(api, method)(path), 404, "not_found")


@pytest.mark.parametrize("pk", ["nothing", "0", "7f7e1bd4-2f2e-4a57-8d3b-6f7f5be7b1a7", "%00"])
def test_an_object_that_is_not_there(api: APIClient, pk: str) -> None:
    problem(api.get(f"/api/v1/users/{pk}"), 404, "not_found")


def test_a_method_that_is_not_allowed(api: APIClient) -> None:
    response = api.delete(ME)
    assert problem(response, 405, "method_not_allowed")["title"] == "Method not allowed"
    assert "PATCH" in response["Allow"]


def test_not_signed_in() -> None:
    response = api_as().get(ME)
    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Session"


@pytest.mark.parametrize(
    "query", ["role=king", "role=%00", "cursor=broken", "cursor=%00", "page_size=x"]
)
def test_broken_queries(api: APIClient, query: str) -> None:
    response = api.get(f"/api/v1/users?{query}")
    assert response.status_code in (200, 400, 404)
    if response.status_code != 200:
        problem(response, response.status_code, response.json()["code"])


def test_a_bug_of_ours(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**kwargs: object) -> None:
        raise KeyError("a secret detail")

    monkeypatch.setattr(services, "user_update", broken)
    api.raise_request_exception = False
    response = api.patch(ME, {"name": "Ada"})
    problem(response, 500, "server_error")
    assert "secret" not in response.content.decode()


def test_a_host_that_is_not_ours(api: APIClient) -> None:
    problem(api.get(ME, headers={"Host": "evil.test"}), 400, "bad_request")
    page = api.get("/admin/login/", headers={"Host": "evil.test"})
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", [ME, "/admin/", "/health/ready"])
def test_postgresql_is_down(path: str) -> None:
    """In a process of its own: the connection of this one stays as it is."""
    script = (
        "from django.test import Client; client = Client();"
        " from accounts.models import User; from accounts.sessions import SessionStore;"
        " from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY;"
        " session = SessionStore(); session[SESSION_KEY] = str(User().pk);"
        " session[BACKEND_SESSION_KEY] = 'accounts.backends.EmailBackend';"
        " session[HASH_SESSION_KEY] = 'x'; session.save();"
        " client.cookies['sessionid'] = session.session_key;"
        f" response = client.get({path!r});"
        " print(response.status_code, response.get('Retry-After'), response['Content-Type'])"
    )
    environ = {"DATABASE_URL": CLOSED_POSTGRES, "ALLOWED_HOSTS": "testserver"}
    result = manage("shell", "-v0", "-c", script, **environ)
    status, retry_after, kind = result.stdout.split(maxsplit=2)
    assert status == "503", result.stderr
    assert kind.startswith("text/html" if path == "/admin/" else "application/")
    assert retry_after == str(limits.RETRY_AFTER)


def test_a_postgresql_that_is_out_of_reach_is_given_up() -> None:
    connection.ensure_connection()
    parameters = connection.connection.info.get_parameters()
    assert parameters["connect_timeout"] == str(limits.POSTGRES_CONNECT_TIMEOUT)
    assert parameters["tcp_user_timeout"] == str(limits.POSTGRES_NETWORK_TIMEOUT * 1000)


@pytest.mark.parametrize("path", [ME, "/api/v1/users", "/admin/"])
def test_redis_is_down(api: APIClient, settings: Any, path: str) -> None:
    settings.CACHES = closed_port()
    response = api.get(path)
    if path == "/admin/":  # a page for people
        assert response.status_code == 503
        assert response["Content-Type"].startswith("text/html")
    else:
        problem(response, 503, "store_unavailable")
    assert response["Retry-After"] == str(limits.RETRY_AFTER)
    assert settings.SESSION_COOKIE_NAME not in response.cookies  # nobody is signed out


@pytest.mark.parametrize("path", ["/api/v1/proctoring/reports", "/admin/classrooms/classroom/"])
def test_nul_in_a_query(path: str) -> None:
    admin = UserFactory(role="admin")
    response = api_as(admin).get(path + "?risk_level=%00&subject=%00")
    assert response.status_code == 400


def test_nobody_signs_in_while_redis_is_down(settings: Any) -> None:
    user = UserFactory()
    settings.CACHES = closed_port()
    login = {"email": user.email, "password": PASSWORD}
    response = api_as().post(LOGIN_URL, login)
    problem(response, 503, "store_unavailable")
    assert response["Retry-After"] == str(limits.RETRY_AFTER)
    page = browser_as().post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert page.status_code == 503
    assert page["Content-Type"].startswith("text/html")
    assert page["Retry-After"] == str(limits.RETRY_AFTER)


def closed_port() -> dict[str, Any]:
    default = settings.CACHES["default"]
    return {"default": {**default, "LOCATION": "redis://127.0.0.1:1/0"}}
