"""Web pages by the API."""

from typing import Any

import pytest

from accounts.tests.clients import api_as
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from config import limits
from retrieval.models import WebPage
from retrieval.tests.factories import WebPageFactory
from retrieval.tests.web_server import Answer, WebServer
from retrieval.tests.web_site import BREAD, TIDES, sitemap

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = "/api/v1/web-pages"


def test_pages_are_added_watched_found_and_removed(site: WebServer) -> None:
    api = api_as(TeacherFactory())
    urls = [site.page("/tides", TIDES), site.page("/bread", BREAD), site.url("/tides#x")]
    made = api.post(PAGES, {"urls": urls, "topic": "Things"})
    assert made.status_code == 202
    pages = made.json()["pages"]
    assert [page["source_url"] for page in pages] == urls[:2]
    assert {page["state"] for page in pages} == {"queued"}
    page = api.get(f"{PAGES}/{pages[0]['id']}").json()
    assert (page["state"], page["title"], page["topic"]) == ("ready", "Tides", "Things")
    assert (page["done"], page["total"], page["chunks"]) == (1, 1, 1)
    hit = api_as(UserFactory()).get("/api/v1/search/web", {"q": "moon and sea"}).json()
    assert hit["results"][0]["source_url"] == urls[0]
    assert api.post(f"{PAGES}/{page['id']}/refresh").status_code == 202
    assert api.delete(f"{PAGES}/{page['id']}").status_code == 204
    assert api.get(f"{PAGES}/{page['id']}").status_code == 404


def test_a_sitemap(site: WebServer) -> None:
    api = api_as(AdminFactory())
    site.answers["/s.xml"] = Answer(sitemap(site.page("/tides", TIDES), site.page("/b", BREAD)))
    (row,) = api.post(PAGES, {"sitemap": site.url("/s.xml")}).json()["pages"]
    found = api.get(f"{PAGES}/{row['id']}").json()
    assert (found["kind"], found["state"], found["total"]) == ("sitemap", "ready", 2)
    brought = api.get(PAGES, {"sitemap": row["id"], "state": "ready"}).json()["results"]
    assert {page["title"] for page in brought} == {"Tides", "Bread"}


@pytest.mark.parametrize("body", [
    {}, {"urls": []}, {"urls": ["nonsense"]}, {"urls": "https://x.test"}, {"urls": [1]},
    {"urls": ["https://x.test"], "sitemap": "https://x.test"}, {"sitemap": "ftp://x.test"},
    {"urls": ["https://user:secret@x.test"]}, {"urls": ["https://x.test"], "topic": "x" * 201},
    {"urls": ["https://x.test/" + "x" * 2000]}, {"urls": ["https://x.test"], "unknown": 1},
    {"urls": [f"https://x.test/{n}" for n in range(limits.WEB_PAGES_PER_REQUEST + 1)]},
])  # fmt: skip
def test_what_is_refused(body: dict[str, Any]) -> None:
    answer = api_as(TeacherFactory()).post(PAGES, body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not WebPage.objects.exists()


def test_lists_by_filter() -> None:
    WebPageFactory(topic="Oceans", host="a.test")
    WebPageFactory(topic="Baking", host="b.test", state="ready")
    api = api_as(TeacherFactory())
    for query, count in (
        ({}, 2), ({"topic": "Oceans"}, 1), ({"host": "b.test"}, 1), ({"state": "ready"}, 1),
        ({"kind": "sitemap"}, 0),
    ):  # fmt: skip
        assert len(api.get(PAGES, query).json()["results"]) == count
    assert api.get(PAGES, {"state": "nonsense"}).status_code == 400
    assert api.get(PAGES, {"nonsense": "x"}).status_code == 400
    assert api_as(UserFactory()).get(PAGES).json()["results"] == []


def test_one_key_adds_once() -> None:
    api, key = api_as(TeacherFactory()), {"headers": {"Idempotency-Key": "k"}}
    body = {"urls": ["http://127.0.0.1/x"]}
    first = api.post(PAGES, body, **key)
    again = api.post(PAGES, body, **key)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_retry_and_cancel_answer_with_the_row() -> None:
    api, page = api_as(TeacherFactory()), WebPageFactory()
    assert api.post(f"{PAGES}/{page.pk}/cancel").json()["state"] == "cancelled"
    assert api.post(f"{PAGES}/{page.pk}/cancel").status_code == 409
    WebPage.objects.update(source_url="http://127.0.0.1/x", host="127.0.0.1")
    assert api.post(f"{PAGES}/{page.pk}/retry").json()["state"] == "queued"
    found = api.get(f"{PAGES}/{page.pk}").json()
    assert (found["state"], found["error_code"]) == ("failed", "private_address")
