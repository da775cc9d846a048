"""The main job in a real browser: a teacher uploads a chapter, and a search shows its page."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from accounts.tests.factories import PASSWORD
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config.celery import app
from retrieval import services
from retrieval.models import Document
from tests.browser import open_browser, screenshot

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "The cell is the smallest unit of life. Every living thing is made of cells.",
    "The membrane surrounds the cell and decides what may enter and what may leave.",
    "Mitochondria release the energy of sugar; they are the power stations of the cell.",
)


@pytest.fixture(autouse=True)
def _playwright_runs_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright's loop makes Django believe that the test itself is asynchronous.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def _tasks_wait() -> Iterator[None]:
    """Tasks go to the queue, as with a worker that is busy: the test sees a document wait."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    path = tmp_path / "cells.pdf"
    style = getSampleStyleSheet()["BodyText"]
    story = [part for text in PAGES for part in (Paragraph(text, style), PageBreak())]
    SimpleDocTemplate(str(path)).build(story)
    return path


@pytest.mark.usefixtures("_tasks_wait")
def test_from_upload_to_the_page(live_server: LiveServer, chapter: Path) -> None:
    classroom = ClassroomFactory(name="Biology 7b")
    student = MemberFactory(classroom=classroom).user
    with open_browser() as page:
        page.goto(f"{live_server.url}/admin/")
        page.get_by_label("Email").fill(classroom.teacher.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign In", exact=True).click()
        expect(page.locator("[data-tile='Classes']")).to_have_text("1")
        screenshot(page, "home")

        page.goto(f"{live_server.url}/admin/retrieval/document/add/")
        page.locator("#id_classroom + .select2").click()
        page.get_by_role("option", name="Biology 7b").click()
        page.locator("input[type=file]").set_input_files(chapter)
        screenshot(page, "upload")
        page.get_by_role("button", name="Save", exact=True).click()
        row = page.locator("#result_list tr", has_text="cells.pdf")
        expect(row).to_contain_text("Queued")
        screenshot(page, "queued")

        ingest_like_a_worker()
        expect(row).to_contain_text("Ready")  # the page has loaded itself again
        screenshot(page, "ready")

        page.get_by_role("link", name="Search the material").click()
        page.get_by_label("Search", exact=True).fill("what gives the cell its energy?")
        page.get_by_role("button", name="Search", exact=True).click()
        hit = page.locator("[data-search-hit]").first
        expect(hit).to_contain_text("cells.pdf, page 3")
        expect(hit).to_contain_text("power stations")
        screenshot(page, "search")
        link = hit.get_by_role("link").get_attribute("href")
        assert link is not None
        assert link.endswith("#page=3")
        file = page.request.get(f"{live_server.url}{link}")
        assert file.body() == chapter.read_bytes()

    hits = services.search_documents(user=student, query="what gives the cell its energy?").hits
    assert (hits[0].passage.filename, hits[0].passage.page_number) == ("cells.pdf", 3)


def ingest_like_a_worker() -> None:
    """Run the worker's service in a thread with a connection of its own."""

    def work() -> None:
        try:
            services.document_ingest(document_id=Document.objects.get().pk)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
