"""No list asks the database more for more rows: every one of the API and of the admin."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.clients import api_as, browser_as
from config import limits
from tests.admin_matrix import pages
from tests.crowd import Crowd
from tests.openapi import operations

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 1000
# What a list must be asked with.
QUERIES = {
    "analytics/page-views": "date={today}",
    "analytics/learning-progress": "subject=Mathematics&user={student}",
    "analytics/engagement": "user={student}",
    "transcripts/search": "q=sugar&limit=50",
    "search": "q=sugar&limit=50",
    "search/web": "q=sugar&limit=50",
}
# At most so many for any list: the caller, the page, and a few of what it shows.
API_MAX, ADMIN_MAX = 8, 15


def lists_of_the_api() -> list[str]:
    """Every operation that reads more than one object, by what the document says."""
    return [
        path.removeprefix("/api/v1/")
        for method, path, operation in operations()
        if method == "GET"
        and path.startswith("/api/v1/")
        and "{" not in path
        and {"page_size", "limit"} & {item.get("name") for item in operation.get("parameters", ())}
    ]


def lists_of_the_admin() -> list[str]:
    return [pattern for _, name, pattern in pages() if name.endswith("changelist")] + [
        "",
        "search/?s=a",
    ]


def test_the_lists_are_found() -> None:
    assert len(lists_of_the_api()) >= 25
    assert len(lists_of_the_admin()) > len(admin.site._registry) - 3


def test_flat_from_few_to_many() -> None:
    crowd = Crowd()
    crowd.grow(FEW)
    few = _counts(crowd)
    crowd.grow(MANY - FEW)
    many = _counts(crowd)
    grown = {path: (few[path], many[path]) for path in few if many[path] > few[path]}
    assert grown == {}
    too_many = {
        path: count
        for path, count in many.items()
        if count > (ADMIN_MAX if "/admin/" in path else API_MAX)
    }
    assert too_many == {}


def _counts(crowd: Crowd) -> dict[str, int]:
    """Queries by person and list, each asked for its longest page."""
    found: dict[str, int] = {}
    for person in (crowd.teacher, crowd.admin):
        api, browser = api_as(person), browser_as(person)
        for path in lists_of_the_api():
            query = QUERIES.get(path, f"page_size={limits.PAGE_SIZE_MAX}").format(
                today=crowd.now.date(), student=crowd.student.pk
            )
            found[f"{person.role} /api/v1/{path}"] = _count(api, f"/api/v1/{path}?{query}", person)
        for path in lists_of_the_admin():
            found[f"{person.role} /admin/{path}"] = _count(browser, f"/admin/{path}", person)
    return found


def _count(client: Any, url: str, person: User) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url)
    assert response.status_code in (200, 403), (url, response.status_code, response.content[:500])
    return len(queries)
