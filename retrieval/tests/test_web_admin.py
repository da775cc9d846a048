"""Web pages in the admin."""

import pytest
from django.urls import reverse

from accounts.tests.clients import browser_as
from accounts.tests.factories import AdminFactory, TeacherFactory
from retrieval import services
from retrieval.models import IngestState, WebPage
from retrieval.tests.factories import WebPageFactory
from retrieval.tests.web_server import Answer, WebServer
from retrieval.tests.web_site import BREAD, TIDES, sitemap

pytestmark = pytest.mark.django_db(transaction=True)

ADD, LIST = reverse("admin:retrieval_webpage_add"), reverse("admin:retrieval_webpage_changelist")


def page_of(page: WebPage, name: str = "change") -> str:
    return reverse(f"admin:retrieval_webpage_{name}", args=[page.pk])


def test_a_teacher_adds_pages_looks_and_searches(site: WebServer) -> None:
    web = browser_as(TeacherFactory())
    assert "addresses" in web.get(ADD).content.decode()
    form = {"addresses": f"{site.page('/a', TIDES)}\n\n {site.page('/b', BREAD)} \n", "topic": ""}
    answer = web.post(ADD, form)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert set(WebPage.objects.values_list("title", "state")) == {
        ("Tides", "ready"),
        ("Bread", "ready"),
    }
    listed = web.get(LIST).content.decode()
    assert "Tides" in listed
    assert "location.reload" not in listed
    page = WebPage.objects.get(title="Tides")
    shown = web.get(page_of(page)).content.decode()
    assert "pull of the moon" in shown
    assert f'href="{page.source_url}"' in shown
    search = reverse("admin:retrieval_webpage_search_page")
    assert "pull of the moon" in web.get(search, {"q": "moon and sea"}).content.decode()
    assert web.get(search).status_code == 200
    assert web.get(page_of(page, "open_page"))["Location"] == page.source_url


def test_a_sitemap_and_what_is_missing(site: WebServer) -> None:
    web = browser_as(AdminFactory())
    site.answers["/s.xml"] = Answer(sitemap(site.page("/a", TIDES)))
    assert web.post(ADD, {"addresses": "", "topic": ""}).status_code == 200
    both = {"addresses": "https://x.test", "sitemap_address": "https://x.test/s.xml"}
    assert web.post(ADD, both).status_code == 200
    wrong = web.post(ADD, {"addresses": "ftp://x.test"}, follow=True).content.decode()
    assert "An http or https address" in wrong or "http or https address" in wrong
    assert not WebPage.objects.exists()
    form = {"sitemap_address": site.url("/s.xml"), "topic": "Sea"}
    assert web.post(ADD, form).status_code == 302
    assert WebPage.objects.get(kind="page").topic == "Sea"
    assert "1 of 1 pages" in web.get(LIST).content.decode()


def test_pages_reload_while_something_is_going_on() -> None:
    page = WebPageFactory()
    web = browser_as(TeacherFactory())
    for url in (LIST, page_of(page)):
        assert "location.reload" in web.get(url).content.decode()


def test_actions(site: WebServer) -> None:
    teacher = TeacherFactory()
    web = browser_as(teacher)
    (page,) = services.web_pages_add(actor=teacher, urls=[site.page("/a", TIDES)])
    submitted = {"_form_submitted": "True"}
    site.page("/a", BREAD)
    web.post(page_of(page, "refresh"), submitted)
    assert WebPage.objects.get().title == "Bread"
    site.answers["/a"] = Answer(status=503)
    web.post(LIST, {"action": "refresh_chosen", "_selected_action": [str(page.pk)]})
    assert WebPage.objects.get().error_code == "server_error"
    site.page("/a", TIDES)
    web.post(page_of(page, "retry"), submitted)
    assert WebPage.objects.get().title == "Tides"
    WebPage.objects.update(state=IngestState.QUEUED)
    web.post(page_of(page, "cancel"), submitted)
    assert WebPage.objects.get().state == IngestState.CANCELLED
    other = browser_as(TeacherFactory())
    assert other.post(page_of(page, "delete"), {"post": "yes"}).status_code == 403
    assert web.post(page_of(page, "delete"), {"post": "yes"}).status_code == 302
    assert not WebPage.objects.exists()
