"""The main job in a real browser: a teacher uploads a chapter, and a search shows its page."""

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from accounts.models import User, UserPreferences
from accounts.tests.factories import PASSWORD, AdminFactory
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config.celery import app
from retrieval import services
from retrieval.models import Document, IngestState, VectorRemoval
from retrieval.tests.factories import DocumentFactory
from tests.browser import open_browser, screenshot

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "The cell is the smallest unit of life. Every living thing is made of cells.",
    "The membrane surrounds the cell and decides what may enter and what may leave.",
    "Mitochondria release the energy of sugar; they are the power stations of the cell.",
)
QUESTION = "what gives the cell its energy?"
DOCUMENTS = "/admin/retrieval/document/"
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


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


def sign_in(page: Page, url: str, user: User) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.locator("[data-tile='Classes']")).to_be_visible()


def choose_file(page: Page, url: str, path: Path) -> None:
    page.goto(f"{url}{DOCUMENTS}add/")
    page.locator("#id_classroom + .select2").click()
    page.get_by_role("option", name="Biology 7b").click()
    page.locator("input[type=file]").set_input_files(path)


def ask(page: Page, question: str = QUESTION) -> None:
    page.get_by_label("Question or words").fill(question)
    page.get_by_role("button", name="Search", exact=True).click()


@pytest.mark.usefixtures("_tasks_wait")
@THEMES
def test_from_upload_to_the_page(live_server: LiveServer, chapter: Path, theme: str) -> None:
    classroom = ClassroomFactory(name="Biology 7b")
    UserPreferences.objects.filter(user=classroom.teacher).update(theme=theme)
    student = MemberFactory(classroom=classroom).user
    with open_browser() as page:
        sign_in(page, live_server.url, classroom.teacher)
        screenshot(page, f"home-{theme}")
        page.goto(f"{live_server.url}{DOCUMENTS}")
        screenshot(page, f"documents-empty-{theme}")

        choose_file(page, live_server.url, chapter)
        screenshot(page, f"upload-{theme}")
        page.get_by_role("button", name="Save", exact=True).click()
        row = page.locator("#result_list tr", has_text="cells.pdf")
        expect(row).to_contain_text("Queued")
        screenshot(page, f"queued-{theme}")
        in_a_thread(ingest)
        expect(row).to_contain_text("Ready")  # the page has loaded itself again
        screenshot(page, f"ready-{theme}")

        page.get_by_role("link", name="Search the material").click()
        screenshot(page, f"search-form-{theme}")
        ask(page)
        hit = page.locator("[data-search-hit]").first
        expect(hit).to_contain_text("cells.pdf, page 3")
        expect(hit).to_contain_text("power stations")
        expect(hit.locator("mark").first).to_have_text("energy")
        hit.locator("summary").click()
        expect(hit.locator("[data-explanation]")).to_contain_text("cosine similarity")
        expect(hit.locator("[data-explanation]")).to_contain_text("BM25")
        screenshot(page, f"search-{theme}")
        link = hit.get_by_role("link").get_attribute("href")
        assert link is not None
        assert link.endswith("#page=3")
        file = page.request.get(f"{live_server.url}{link}")
        assert file.body() == chapter.read_bytes()
        assert file.headers["content-disposition"].startswith("inline")
        assert file.headers["content-type"] == "application/pdf"

    hits = services.search_documents(user=student, query=QUESTION).hits
    assert (hits[0].passage.filename, hits[0].passage.page_number) == ("cells.pdf", 3)


@pytest.mark.usefixtures("_tasks_wait")
@THEMES
def test_progress_cancel_and_again(live_server: LiveServer, theme: str) -> None:
    classroom = ClassroomFactory(name="Biology 7b")
    UserPreferences.objects.filter(user=classroom.teacher).update(theme=theme)
    document = DocumentFactory(classroom=classroom, filename="week 1/photosynthesis.md")
    Document.objects.update(state=IngestState.PROCESSING, done=40, total=160)
    with open_browser() as page:
        sign_in(page, live_server.url, classroom.teacher)
        page.goto(f"{live_server.url}{DOCUMENTS}{document.pk}/change/")
        expect(page.get_by_role("status")).to_contain_text("40 of 160 passages")
        screenshot(page, f"processing-{theme}")
        in_a_thread(lambda: Document.objects.update(done=120))
        expect(page.get_by_role("status")).to_contain_text("120 of 160 passages")
        page.get_by_role("link", name="Cancel").click()
        screenshot(page, f"cancel-dialog-{theme}")
        page.wait_for_timeout(3000)  # the page does not load itself again under the dialog
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text("week 1/photosynthesis.md is cancelled.")).to_be_visible()
        expect(page.get_by_role("link", name="Cancel")).to_have_count(0)
        screenshot(page, f"cancelled-{theme}")
        page.get_by_role("link", name="Try again").click()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("is queued again")).to_be_visible()
        in_a_thread(ingest)
        expect(page.locator("[data-passage='0']")).to_contain_text("Plants make sugar")
        screenshot(page, f"passages-{theme}")


@pytest.mark.usefixtures("_tasks_wait")
@THEMES
def test_an_archive(live_server: LiveServer, chapter: Path, tmp_path: Path, theme: str) -> None:
    classroom = ClassroomFactory(name="Biology 7b")
    UserPreferences.objects.filter(user=classroom.teacher).update(theme=theme)
    course = tmp_path / "course.zip"
    with zipfile.ZipFile(course, "w") as archive:
        archive.write(chapter, "week 1/cells.pdf")
        archive.writestr("week 2/leaves.md", "# Leaves\n\nLeaves are green.")
        archive.writestr("week 2/picture.png", b"\x89PNG")
        archive.writestr("week 2/more.zip", b"PK")
    with open_browser() as page:
        sign_in(page, live_server.url, classroom.teacher)
        choose_file(page, live_server.url, course)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("2 documents are queued.")).to_be_visible()
        expect(page.get_by_text("2 files were refused: week 2/picture.png")).to_be_visible()
        screenshot(page, f"archive-{theme}")
        in_a_thread(ingest)
        expect(page.locator("#result_list")).not_to_contain_text("Queued")
        expect(page.locator("#result_list tr", has_text="week 1/cells.pdf")).to_contain_text("3")
        screenshot(page, f"archive-ready-{theme}")


@THEMES
def test_what_an_admin_sees(live_server: LiveServer, chapter: Path, theme: str) -> None:
    classroom, admin = ClassroomFactory(name="Biology 7b"), AdminFactory()
    UserPreferences.objects.filter(user=admin).update(theme=theme)
    student = MemberFactory(classroom=classroom).user
    with open_browser() as page:
        sign_in(page, live_server.url, admin)
        page.goto(f"{live_server.url}{DOCUMENTS}collections/")
        expect(page.get_by_text("There is nothing in it yet.")).to_have_count(2)
        screenshot(page, f"collections-empty-{theme}")
        for number in range(2):  # the same content twice
            in_a_thread(
                lambda name=f"cells{number}.pdf": services.document_ingest_file(
                    classroom=classroom, path=chapter, filename=name
                )
            )
        DocumentFactory(classroom=ClassroomFactory(name="Chemistry"), state=IngestState.FAILED)
        VectorRemoval.objects.create(
            collection="documents", owner="x", attempts=3, last_error="Qdrant is unavailable"
        )
        page.reload()
        expect(page.locator("[data-collection='documents']")).to_contain_text("Biology 7b")
        screenshot(page, f"collections-{theme}")
        page.get_by_role("link", name="1 removal", exact=True).click()
        expect(page.locator("#result_list")).to_contain_text("Qdrant is unavailable")
        screenshot(page, f"removals-{theme}")

        page.goto(f"{live_server.url}{DOCUMENTS}search/")
        page.locator("#id_person + .select2").click()
        page.locator(".select2-search__field").fill(student.email)
        page.get_by_role("option", name=student.email).click()
        screenshot(page, f"search-as-form-{theme}")
        ask(page)
        expect(page.get_by_role("status")).to_contain_text("finds in their own classes")
        expect(page.locator("[data-also-in]").first).to_contain_text("cells")
        page.locator("[data-search-hit] summary").first.click()
        screenshot(page, f"search-as-{theme}")


def ingest() -> None:
    """What the worker does with all that is queued."""
    for pk in Document.objects.filter(state=IngestState.QUEUED).values_list("pk", flat=True):
        services.document_ingest(document_id=pk)


def in_a_thread(do: Callable[[], object]) -> None:
    """Call it in a thread with a connection of its own, as a worker has."""

    def work() -> None:
        try:
            do()
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
