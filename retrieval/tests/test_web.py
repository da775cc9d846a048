"""Web pages: added, read, kept up to date, folded, searched, removed; with a real server."""

from time import process_time

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from config.errors import Conflict, InvalidInput, StoreUnavailable
from retrieval import services
from retrieval.embedders.onnx import OnnxEmbedder
from retrieval.models import IngestState, VectorRemoval, WebChunk, WebPage, WebPageKind
from retrieval.stores.base import web_vectors
from retrieval.tests.engines import vectors_down
from retrieval.tests.vectors import stored
from retrieval.tests.web_server import Answer, WebServer
from retrieval.tests.web_site import BREAD, TIDES, add, found, sitemap

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_is_read_and_everyone_finds_it(site: WebServer) -> None:
    page = add(site.page("/tides", TIDES, ETag='"1"'))
    assert (page.state, page.title, page.topic, page.chunks) == ("ready", "Tides", "Oceans", 1)
    assert (page.etag, page.host, page.error) == ('"1"', f"127.0.0.1:{site.port}", "")
    assert page.checked_at is not None
    text = WebChunk.objects.get(page=page).text
    assert "pull of the moon" in text
    assert "Imprint" not in text
    assert found("why is there high tide?") == [page.source_url]
    assert web_vectors().count() == 1


def test_addresses_are_one_in_one_form(site: WebServer) -> None:
    url = site.page("/tides", TIDES)
    urls = [url, url.upper().replace("/TIDES", "/tides"), f"{url}#top", f"{url}?utm_source=x"]
    pages = services.web_pages_add(actor=TeacherFactory(), urls=urls)
    assert [page.source_url for page in pages] == [url]
    assert site.paths() == ["/robots.txt", "/tides"]


def test_addresses_that_are_none_are_all_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        services.web_pages_add(actor=None, urls=["ftp://x.test/", "https://ok.test/", "nonsense"])
    assert len(caught.value.errors["urls"]) == 2
    assert not WebPage.objects.exists()
    for urls, topic in (([], ""), (["https://x.test/"], "x" * 201), (["https://x.test/"], "a\nb")):
        with pytest.raises(InvalidInput):
            services.web_pages_add(actor=None, urls=urls, topic=topic)


def test_a_private_network_is_an_error_of_the_page() -> None:
    page = add("http://169.254.169.254/latest/meta-data/")
    assert (page.state, page.error_code) == ("failed", "private_address")
    assert page.error == "169.254.169.254 is in no public network"


def test_what_has_not_changed_costs_no_embedding(
    site: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = add(site.page("/tides", TIDES, ETag='"1"'))
    monkeypatch.setattr(OnnxEmbedder, "encode", None)  # whoever embeds fails
    teacher = TeacherFactory()
    services.web_page_refresh(actor=teacher, page=page)
    assert site.asked[-1][1]["if-none-match"] == '"1"'
    first = WebPage.objects.get(pk=page.pk)
    assert first.state == IngestState.READY
    # Another answer, the same text: what stands around it does not count.
    site.page("/tides", TIDES.replace("Home About", "Home News"), ETag='"2"')
    services.web_page_refresh(actor=teacher, page=page)
    again = WebPage.objects.get(pk=page.pk)
    assert (again.state, again.etag, again.ingested_at) == ("ready", '"2"', page.ingested_at)
    assert again.checked_at > page.checked_at


def test_a_newer_version_replaces_the_older(site: WebServer) -> None:
    page = add(site.page("/x", TIDES))
    site.page("/x", BREAD)
    services.web_page_refresh(actor=TeacherFactory(), page=page)
    page.refresh_from_db()
    assert (page.title, page.topic) == ("Bread", "Baking")
    assert found("moon and sea") == found("how long does dough rise?") == [page.source_url]
    assert "Yeast" in WebChunk.objects.get().text
    assert web_vectors().count() == 1


def test_a_topic_that_was_given_stays(site: WebServer) -> None:
    page = add(site.page("/x", TIDES), topic="Physics")
    assert page.topic == "Physics"
    site.page("/x", BREAD)
    services.web_page_refresh(actor=TeacherFactory(), page=page)
    assert WebPage.objects.get().topic == "Physics"
    assert add(page.source_url, topic="Food").topic == "Food"
    (hit,) = services.search_web(user=UserFactory(), query="dough", topic="Food").hits
    assert hit.passage.topic == "Food"
    assert services.search_web(user=UserFactory(), query="dough", topic="Physics").hits == []


def test_a_server_that_is_down_leaves_the_page_findable(site: WebServer) -> None:
    page = add(site.page("/x", TIDES))
    site.answers["/x"] = Answer(status=500)
    services.web_page_refresh(actor=TeacherFactory(), page=page)
    page.refresh_from_db()
    assert (page.state, page.error_code, page.chunks) == ("failed", "server_error", 1)
    assert page.error == "Its server answers with 500"
    assert found("tide") == [page.source_url]
    site.page("/x", TIDES)
    services.web_page_retry(actor=TeacherFactory(), page=page)
    assert WebPage.objects.get().state == IngestState.READY


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_leaves_the_search(site: WebServer, status: int) -> None:
    page = add(site.page("/x", TIDES))
    site.answers["/x"] = Answer(status=status)
    services.web_page_refresh(actor=TeacherFactory(), page=page)
    page.refresh_from_db()
    assert (page.state, page.error_code, page.chunks) == ("failed", "gone", 0)
    assert found("tide") == []
    assert web_vectors().count() == 0
    assert not VectorRemoval.objects.exists()


def test_the_same_text_is_in_the_search_once(site: WebServer) -> None:
    first, second = add(site.page("/a", TIDES)), add(site.page("/b", TIDES))
    assert (second.state, second.duplicate_of_id, second.chunks) == ("ready", first.pk, 0)
    assert found("tide") == [first.source_url]
    # When the first one goes, or says something else, the second is needed.
    services.web_page_delete(actor=AdminFactory(), page=first)
    second.refresh_from_db()
    assert (second.duplicate_of_id, second.chunks) == (None, 1)
    assert found("tide") == [second.source_url]
    third = add(site.page("/c", TIDES))
    assert third.duplicate_of_id == second.pk
    site.page("/b", BREAD)
    services.web_page_refresh(actor=TeacherFactory(), page=second)
    third.refresh_from_db()
    assert (third.duplicate_of_id, third.chunks) == (None, 1)
    assert set(found("tide")) == {second.source_url, third.source_url}


def test_a_page_is_kept_under_its_own_address(site: WebServer) -> None:
    linked = TIDES.replace("</head>", '<link rel="canonical" href="/tides"></head>')
    page = add(site.page("/tides?session=1", linked))
    assert page.source_url == site.url("/tides")
    assert found("tide") == [site.url("/tides")]
    # It has that address already: this one says the same.
    other = add(site.page("/tides?session=2", linked))
    assert (other.source_url, other.duplicate_of_id) == (site.url("/tides?session=2"), page.pk)
    for number, link in enumerate(("/", "https://elsewhere.test/x", "http://[", "ftp:x")):
        text = TIDES.replace("</head>", f'<link rel="canonical" href="{link}"></head>')
        url = site.page(f"/{number}", text.replace("twice", f"{number} times"))
        assert add(url).source_url == url


def test_a_page_that_gets_its_address_later(site: WebServer) -> None:
    page = add(site.page("/old", TIDES))
    changed = BREAD.replace("</head>", '<link rel="canonical" href="/new"></head>')
    site.page("/old", changed)
    services.web_page_refresh(actor=TeacherFactory(), page=page)
    page.refresh_from_db()
    assert page.source_url == site.url("/new")
    assert [found.source_url for found in stored(web_vectors()).values()] == [site.url("/new")]


def test_robots_txt_is_heeded(site: WebServer) -> None:
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /x\n")
    page = add(site.page("/x", TIDES))
    assert (page.state, page.error_code) == ("failed", "robots")
    assert site.paths() == ["/robots.txt"]


def test_other_kinds_of_pages(site: WebServer) -> None:
    text = {"Content-Type": "text/plain; charset=iso-8859-1"}
    site.answers["/gr%C3%B6%C3%9Fe.txt"] = Answer(
        "Die Größe zählt.".encode("latin-1"), headers=text
    )
    page = add(site.url("/größe.txt"))
    assert (page.state, page.title) == ("ready", "größe")
    assert WebChunk.objects.get(page=page).text == "Die Größe zählt."
    site.answers["/n"] = Answer(
        b"# Notes\n\nOf the sea.", headers={"Content-Type": "text/markdown"}
    )
    assert add(site.url("/n")).title == "Notes"
    site.answers["/e"] = Answer(b"", headers={"Content-Type": "text/html"})
    assert add(site.url("/e")).error_code == "empty"
    bad = TIDES.replace("twice", "très").encode("latin-1").replace(b"<head>", b"<head>\x00")
    site.answers["/b"] = Answer(bad, headers={"Content-Type": "text/html; charset=nonsense"})
    assert add(site.url("/b")).state in (IngestState.READY, IngestState.FAILED)


@pytest.mark.parametrize("codec", ["punycode", "idna", "utf-7", "unicode_escape", "hex"])
def test_a_server_can_name_no_encoding_that_no_page_is_in(site: WebServer, codec: str) -> None:
    kept = {"Content-Type": f"text/html; charset={codec}"}
    # As punycode it takes minutes: each letter after the last hyphen is put into the text.
    site.answers["/p"] = Answer((TIDES + "<!--" + "a" * 1_000_000).encode(), headers=kept)
    before = process_time()
    page = add(site.url("/p"))
    assert (page.state, page.title) == ("ready", "Tides")
    assert process_time() - before < 5


def test_a_page_that_is_for_no_search(site: WebServer) -> None:
    page, teacher = add(site.page("/tides", TIDES)), TeacherFactory()
    rule = '<meta name="ROBOTS" content="NoIndex, follow">'
    site.page("/tides", TIDES.replace("<title>", f"{rule}<title>"))
    services.web_page_refresh(actor=teacher, page=page)
    page.refresh_from_db()
    assert (page.state, page.error_code, page.chunks) == ("failed", "noindex", 0)
    assert found("why is there high tide?") == []
    for rules, state in {
        "noindex": "failed", "unavailable_after: 1 Jan 2030, none": "failed",
        "other: noindex": "ready", "other: nofollow, lectern: noindex": "failed",
    }.items():  # fmt: skip
        site.page("/tides", TIDES, **{"X-Robots-Tag": rules})
        services.web_page_refresh(actor=teacher, page=page)
        page.refresh_from_db()
        assert page.state == state, rules


def test_an_error_that_nobody_expects_is_one_of_its_page(
    site: WebServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = add(site.page("/other", BREAD))
    with monkeypatch.context() as patch:
        patch.setattr(OnnxEmbedder, "encode", None)  # whoever embeds fails
        page = add(site.page("/tides", TIDES))
    assert (page.state, page.error_code) == ("failed", "unexpected")
    assert "\n" not in page.error
    assert "TypeError" in caplog.text
    assert str(page.pk) in caplog.text
    assert found("how long does dough rise?") == [other.source_url]
    services.web_page_retry(actor=TeacherFactory(), page=page)
    assert WebPage.objects.get(pk=page.pk).state == "ready"


def test_a_page_waits_for_a_store_that_is_down(site: WebServer) -> None:
    host = f"127.0.0.1:{site.port}"
    page = WebPage.objects.create(source_url=site.page("/tides", TIDES), host=host)
    with vectors_down(), pytest.raises(StoreUnavailable):
        services.web_host_work(host=host)
    assert WebPage.objects.get(pk=page.pk).state in IngestState.busy()
    services.web_host_work(host=host)
    assert WebPage.objects.get(pk=page.pk).state == "ready"


def test_a_task_whose_time_is_over_names_the_page_that_took_it(
    site: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object, **__: object) -> None:
        raise SoftTimeLimitExceeded

    host = f"127.0.0.1:{site.port}"
    pages = [
        WebPage.objects.create(source_url=site.page(path, TIDES), host=host)
        for path in ("/a", "/b")
    ]
    monkeypatch.setattr(OnnxEmbedder, "encode", end)
    with pytest.raises(SoftTimeLimitExceeded):
        services.web_host_work(host=host)
    codes = [WebPage.objects.get(pk=page.pk).error_code for page in pages]
    assert codes == ["time_limit", ""]


def test_a_sitemap_brings_its_pages(site: WebServer) -> None:
    pages = [site.page(f"/{n}", TIDES.replace("twice", f"{n} times")) for n in range(25)]
    site.answers["/s.xml"] = Answer(sitemap(*pages))
    teacher = TeacherFactory()
    listed = services.web_sitemap_add(actor=teacher, sitemap_url=site.url("/s.xml"), topic="Sea")
    listed.refresh_from_db()
    assert (listed.kind, listed.state, listed.done, listed.total) == (
        "sitemap",
        "ready",
        25,
        25,
    )
    brought = WebPage.objects.filter(sitemap=listed)
    assert {page.topic for page in brought} == {"Sea"}
    assert {page.state for page in brought} == {IngestState.READY}
    assert {page.added_by_id for page in brought} == {teacher.pk}
    # Read again, it brings what is new.
    site.answers["/s.xml"] = Answer(sitemap(*pages, site.page("/new", BREAD)))
    services.web_page_refresh(actor=teacher, page=listed)
    assert WebPage.objects.filter(sitemap=listed).count() == 26
    assert site.paths().count("/0") == 1
    with pytest.raises(Conflict):
        services.web_sitemap_add(actor=teacher, sitemap_url=pages[0])
    services.web_page_delete(actor=teacher, page=listed)
    assert WebPage.objects.filter(kind=WebPageKind.PAGE).count() == 26


def test_a_sitemap_that_is_none_is_an_error_of_its_row(site: WebServer) -> None:
    listed = services.web_sitemap_add(actor=None, sitemap_url=site.page("/s", TIDES))
    listed.refresh_from_db()
    assert (listed.state, listed.error_code) == ("failed", "no_sitemap")
    listed = services.web_sitemap_add(actor=None, sitemap_url=site.url("/none"))
    listed.refresh_from_db()
    assert (listed.state, listed.error_code) == ("failed", "gone")
