"""The lines of the admin's sidebar: one is marked, that of the page."""

import re

import pytest

from accounts.tests.clients import browser_as
from accounts.tests.factories import AdminFactory
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db

MARKED = re.compile(r'<a href="([^"]*)" class="[^"]* active"')


def test_the_nearest_line_is_marked_and_no_other() -> None:
    web = browser_as(AdminFactory())
    document = DocumentFactory()
    documents, people = "/admin/retrieval/document/", "/admin/accounts/user/"
    for page, line in (
        (documents, documents),
        (f"{documents}{document.pk}/change/", documents),
        (f"{documents}search/", f"{documents}search/"),
        (f"{documents}collections/", f"{documents}collections/"),
        ("/admin/retrieval/vectorremoval/", "/admin/retrieval/vectorremoval/"),
        (people, people),
        (f"{people}live-sessions/", f"{people}live-sessions/"),
        (documents, documents),  # nothing is kept of the pages before
        ("/admin/", "/admin/"),
    ):
        response = web.get(page)
        assert response.status_code == 200, page
        assert set(MARKED.findall(response.content.decode())) == {line}, page
