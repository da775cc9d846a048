"""Saved web pages: ingestion, search, deletion."""

from pathlib import Path

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from config.commands import run_command_line
from config.errors import InvalidInput, NotAllowed, NotFound
from retrieval import services
from retrieval.services.web import clean_url
from retrieval.stores.base import web_vectors

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://example.org/tides"
PAGE = """<html><head><title>Tides</title></head><body><h1>Tides</h1>
<p>The pull of the moon raises the sea twice a day.</p></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "saved"
    path.write_text(PAGE)
    return path


@pytest.fixture(autouse=True)
def _no_pages_left() -> object:
    yield
    web_vectors().delete([URL])


def test_a_saved_page_is_found_and_replaced(page: Path) -> None:
    teacher = TeacherFactory()
    for _ in range(2):
        count = services.web_page_ingest(
            actor=teacher, path=page, source_url=URL + "#top", topic="Oceans"
        )
        assert count == web_vectors().count() == 1
    hit = services.search_web(user=teacher, query="why is there high tide?", topic="Oceans").hits[0]
    assert (hit.passage.source_url, hit.passage.title) == (URL, "Tides")
    api = APIClient()
    api.force_login(UserFactory())
    found = api.get("/api/v1/search/web", {"q": "moon and sea"}).json()["results"][0]
    assert "pull of the moon" in found["text"]
    assert services.search_web(user=teacher, query="tide", topic="Cooking").hits == []


def test_who_may_add_and_delete_pages(page: Path) -> None:
    with pytest.raises(NotAllowed):
        services.web_page_ingest(actor=UserFactory(), path=page, source_url=URL)
    services.web_page_ingest(actor=TeacherFactory(), path=page, source_url=URL)
    with pytest.raises(NotAllowed):
        services.web_page_delete(actor=TeacherFactory(), source_url=URL)
    services.web_page_delete(actor=AdminFactory(), source_url=URL)
    with pytest.raises(NotFound):
        services.web_page_delete(actor=AdminFactory(), source_url=URL)


@pytest.mark.parametrize(
    "url", ["", "example.org", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[x"]
)
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(InvalidInput):
        clean_url(url)


def test_the_command(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["manage.py", "ingest_web", str(page), "--url", URL]
    assert run_command_line(argv) == 0
    assert "1 passages" in capsys.readouterr().out
    assert run_command_line(["manage.py", "ingest_web", "/no/such", "--url", URL]) == 2
    assert run_command_line(["manage.py", "ingest_web", str(page), "--url", "nonsense"]) == 2
    assert run_command_line([*argv, "--topic", "x" * 201]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 3
