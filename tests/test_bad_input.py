"""Every endpoint of the OpenAPI document with input that no client should send.

Whatever comes, the answer is a problem or a good one: never a server error.
"""

import json
import re
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.clients import api_as
from tests.matrix import ROWS, Row
from tests.openapi import operations
from tests.scene import Scene

pytestmark = pytest.mark.django_db

VALUES: tuple[Any, ...] = (
    None,
    "",
    "\x00",
    "\ud800",
    "x" * 20_000,
    -1,
    10**30,
    1.5,
    True,
    [],
    [[]],
    {},
    {"a": {"b": [None]}},
    "9999-99-99T99:99:99Z",
)
TEXTS = ("", "\x00", "x" * 5000, "-1", "1e400", "9" * 30, "%", "null", "0001-01-01", "9999-12-31")

# The library's own API is looked at in accounts/tests/test_auth_problems.py.
OURS = {key: row for key, row in ROWS.items() if "/_allauth/" not in key}
WRITING = [key for key, row in OURS.items() if row.body and row.format == "json"]
WITH_ID = [key for key in OURS if "{" in key]
READING = {
    f"{method} {path.removeprefix('/api/v1/')}": [
        item["name"] for item in operation.get("parameters", ()) if item.get("in") == "query"
    ]
    for method, path, operation in operations()
    if method == "GET" and "{" not in path and path.startswith("/api/v1/")
}


@pytest.mark.parametrize("key", WRITING)
def test_bodies(scene: Scene, key: str) -> None:
    row = ROWS[key]
    assert row.body is not None
    right = row.body(scene)
    raw = ["{", "[]", "5", "null", '"text"', '{"a": NaN}', '{"a":' * 5000]
    for text in raw:
        assert_refused(ask(scene, key, text), (key, text))
    assert_refused(ask(scene, key, {**right, "no_such_field": 1}), key)
    for name in right:
        for value in VALUES:
            assert_no_server_error(ask(scene, key, {**right, name: value}), (key, name, value))


@pytest.mark.parametrize("key", READING)
def test_queries(scene: Scene, key: str) -> None:
    required = ROWS[key].query
    for name in READING[key]:
        for value in TEXTS:
            response = ask(scene, key, query={name: value}, required=required)
            assert_no_server_error(response, (key, name, value))


@pytest.mark.parametrize("key", WITH_ID)
def test_ids(scene: Scene, key: str) -> None:
    for target in ("nothing", "0", "%00", "7f7e1bd4-2f2e-4a57-8d3b-6f7f5be7b1a7", "x" * 300):
        row = ROWS[key]
        body = row.body(scene) if row.body and row.format == "json" else None
        response = ask(scene, key, body, target=target)
        assert response.status_code == 404, (key, target, response.content)
        assert response["Content-Type"] == "application/problem+json"


def ask(
    scene: Scene,
    key: str,
    body: Any = None,
    *,
    query: dict[str, str] | None = None,
    required: str = "",
    target: str = "",
) -> Any:
    """Ask as someone who may, and take back what it did."""
    row: Row = ROWS[key]
    method, path = key.split()
    if "{" in path:
        pk = target or str(scene.ids[row.target])
        path = re.sub(r"\{\w+\}", pk, path)
    given = dict(part.split("=") for part in required.split("&") if part)
    may = "student" if row.statuses.split()[1].startswith("2") else "teacher"
    client = api_as(scene.school.person(may))
    url = f"/api/v1/{path}"
    with transaction.atomic():
        if method == "GET":
            response = client.get(url, {**given, **(query or {})})
        else:
            text = body if isinstance(body, str) else json.dumps(body or {})
            response = client.generic(method, url, text, content_type="application/json")
        transaction.set_rollback(True)
    return response


def assert_no_server_error(response: Any, what: object) -> None:
    if response.status_code == 429:  # too much of a bad thing: the limits hold here too
        return
    assert response.status_code < 500, (what, response.content)
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json", what


def assert_refused(response: Any, what: object) -> None:
    assert response.status_code in (400, 429), (what, response.status_code, response.content)
    assert response["Content-Type"] == "application/problem+json", what
