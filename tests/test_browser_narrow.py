"""Pages of material on a telephone: nothing is wider than the screen."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.tests.factories import AdminFactory
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory
from retrieval import services
from retrieval.models import VectorRemoval
from tests.browser import open_browser, screenshot
from tests.test_browser_material import DOCUMENTS, in_a_thread, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "a-chapter-of-biology-with-a-long-name-about-cells-and-membranes.md"
TEXT = "# Cells\n\nMitochondria release the energy of sugar in the cell. " + "x" * 120


@pytest.fixture(autouse=True)
def _playwright_runs_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def fits(page: Page, name: str) -> None:
    screenshot(page, f"narrow-{name}")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, (name, wide)


def test_search_collections_and_removals(live_server: LiveServer, tmp_path: Path) -> None:
    classroom, admin = ClassroomFactory(name="Biology 7b"), AdminFactory()
    VectorRemoval.objects.create(
        collection="documents", owner="x" * 36, attempts=3, last_error="Qdrant is unavailable"
    )
    with open_browser(width=400, height=800) as page:
        sign_in(page, live_server.url, admin)
        in_a_thread(lambda: _ingest(classroom, tmp_path))
        page.goto(f"{live_server.url}{DOCUMENTS}search/")
        fits(page, "search-form")
        person = f"&person={classroom.teacher.pk}"
        page.goto(f"{live_server.url}{DOCUMENTS}search/?q=energy+of+the+cell{person}")
        expect(page.locator("[data-search-hit]").first).to_contain_text(NAME)
        page.locator("[data-search-hit] summary").first.click()
        fits(page, "search")
        page.goto(f"{live_server.url}{DOCUMENTS}collections/")
        fits(page, "collections")
        page.goto(f"{live_server.url}/admin/retrieval/vectorremoval/")
        fits(page, "removals")


def _ingest(classroom: Classroom, folder: Path) -> None:
    path = folder / "cells.md"
    path.write_text(TEXT)
    services.document_ingest_file(classroom=classroom, path=path, filename=NAME)
