"""robots.txt, one request at a time to a host, and sitemaps."""

import gzip
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from resource import RUSAGE_SELF, getrusage
from typing import Any

import pytest
from django.core.cache import cache
from django_redis import get_redis_connection

from config import limits
from retrieval.pipeline import parser_process
from retrieval.tests.web_server import Answer, WebServer, web_server
from retrieval.web.errors import FetchFailed, HostBusy, Refused
from retrieval.web.polite import PoliteFetcher
from retrieval.web.rate import wait_for_turn
from retrieval.web.sitemap import sitemap_pages

TEXT = {"Content-Type": "text/plain"}


@pytest.fixture
def server() -> Iterator[WebServer]:
    cache.clear()
    with web_server() as found:
        yield found


def polite(server: WebServer, **options: Any) -> PoliteFetcher:
    return PoliteFetcher(server.fetcher(), **{"interval": 0, **options})


def put(server: WebServer, path: str, text: str, **headers: str) -> str:
    server.answers[path] = Answer(text.encode(), headers={**TEXT, **headers})
    return server.url(path)


def code_of(fetcher: PoliteFetcher, url: str) -> str:
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch(url)
    return str(caught.value.code)


def test_what_robots_txt_forbids_is_not_asked_for(server: WebServer) -> None:
    put(server, "/robots.txt", "User-agent: *\nDisallow: /secret\nAllow: /secret/open\n")
    fetcher = polite(server)
    assert fetcher.fetch(server.page("/open", "x")).body == b"x"
    assert fetcher.fetch(server.page("/secret/open", "x")).body == b"x"
    assert code_of(fetcher, server.page("/secret/page", "x")) == "robots"
    assert code_of(fetcher, server.redirect("/in", "/secret/page")) == "robots"
    # It is asked for once, and nothing that it forbids at all.
    assert server.paths() == ["/robots.txt", "/open", "/secret/open", "/in"]


def test_rules_for_our_name_come_first(server: WebServer) -> None:
    put(server, "/robots.txt", "User-agent: *\nDisallow:\n\nUser-agent: lectern\nDisallow: /\n")
    assert code_of(polite(server), server.page("/", "x")) == "robots"


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (401, True),
    (500, False), (503, False), (429, False)])  # fmt: skip
def test_a_robots_txt_that_is_not_there(server: WebServer, status: int, allowed: bool) -> None:
    server.answers["/robots.txt"] = Answer(status=status)
    url = server.page("/", "x")
    if allowed:
        assert polite(server).fetch(url).body == b"x"
    else:
        assert code_of(polite(server), url) == "robots_down"
        assert server.paths() == ["/robots.txt"]


def test_a_robots_txt_without_end_is_read_as_far_as_it_goes(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEB_ROBOTS_MAX_BYTES", 1000)
    put(server, "/robots.txt", "User-agent: *\nDisallow: /a\n" + "#" * 2000 + "\nDisallow: /b\n")
    fetcher = polite(server)
    assert code_of(fetcher, server.page("/a", "x")) == "robots"
    assert fetcher.fetch(server.page("/b", "x")).body == b"x"


def test_a_crawl_delay_is_heeded_up_to_a_limit(server: WebServer) -> None:
    for asked, heeded in (("3", 3), ("0.1", limits.WEB_HOST_INTERVAL), ("9999", 10), ("nan", 1)):
        cache.clear()
        put(server, "/robots.txt", f"User-agent: *\nCrawl-delay: {asked}\n")
        assert polite(server).robots(server.url("/")).interval() == heeded


def test_one_request_to_a_host_at_a_time_over_all_who_ask() -> None:
    get_redis_connection("default").delete("web:turn:slow.test")
    started, moments = time.monotonic(), []

    def ask() -> None:
        wait_for_turn("slow.test", seconds=0.2, patience=5)
        moments.append(time.monotonic() - started)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments.sort()
    assert all(after - before > 0.15 for before, after in pairwise(moments))
    assert moments[-1] < 2
    wait_for_turn("other.test", seconds=0.2, patience=0)


def test_who_would_wait_too_long_gets_no_turn() -> None:
    get_redis_connection("default").delete("web:turn:busy.test")
    wait_for_turn("busy.test", seconds=5, patience=1)
    for _ in range(3):
        with pytest.raises(HostBusy) as caught:
            wait_for_turn("busy.test", seconds=5, patience=1)
        assert 4 < caught.value.seconds <= 5
    assert 0 < get_redis_connection("default").pttl("web:turn:busy.test") <= 5000


def pages_of(url: str, server: WebServer, **options: Any) -> list[str]:
    with parser_process() as parser:
        return sitemap_pages(url, polite(server), parser=parser, **options)


def sitemap_of(*urls: str, kind: str = "urlset", item: str = "url") -> str:
    entries = "".join(f"<{item}><loc>{url}</loc></{item}>" for url in urls)
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return f'<?xml version="1.0" encoding="UTF-8"?><{kind} {space}>{entries}</{kind}>'


def test_a_sitemap_lists_pages_of_its_own_host(server: WebServer) -> None:
    url = put(server, "/sitemap.xml", sitemap_of(
        server.url("/a"), server.url("/b?utm_source=x#top"), server.url("/a"),
        "http://169.254.169.254/", "file:///etc/passwd", "https://elsewhere.test/c",
    ))  # fmt: skip
    assert pages_of(url, server) == [server.url("/a"), server.url("/b")]
    assert server.paths() == ["/robots.txt", "/sitemap.xml"]


def test_an_index_of_sitemaps_also_packed_ones(server: WebServer) -> None:
    packed = gzip.compress(sitemap_of(server.url("/packed")).encode())
    server.answers["/packed.xml.gz"] = Answer(
        packed, headers={"Content-Type": "application/octet-stream"}
    )
    put(server, "/plain.txt", f"{server.url('/plain')}\n{server.url('/packed')}\n")
    url = put(server, "/index.xml", sitemap_of(
        server.url("/packed.xml.gz"), server.url("/plain.txt"), server.url("/gone.xml"),
        server.url("/index.xml"), "https://elsewhere.test/sitemap.xml",
        kind="sitemapindex", item="sitemap",
    ))  # fmt: skip
    assert pages_of(url, server) == [server.url("/packed"), server.url("/plain")]
    assert server.paths().count("/index.xml") == 1


def test_sitemaps_have_limits(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WEB_SITEMAPS", 3)
    for number in range(6):
        put(server, f"/{number}.xml", sitemap_of(*[server.url(f"/{number}/{i}") for i in range(9)]))
    children = [server.url(f"/{number}.xml") for number in range(6)]
    url = put(server, "/i.xml", sitemap_of(*children, kind="sitemapindex", item="sitemap"))
    assert len(pages_of(url, server)) == 18  # itself and two others
    assert len(pages_of(url, server, most=4)) == 4
    deep = [put(server, f"/d{i}.xml", sitemap_of(
        server.url(f"/d{i + 1}.xml"), kind="sitemapindex", item="sitemap"
    )) for i in range(9)]  # fmt: skip
    monkeypatch.setattr(limits, "WEB_SITEMAPS", 50)
    with pytest.raises(Refused):
        pages_of(deep[0], server)
    assert "/d3.xml" in server.paths()
    assert "/d4.xml" not in server.paths()


@pytest.mark.parametrize("text", [
    "", "<html><body>no sitemap</body></html>", "no address at all",
    '<!DOCTYPE x [<!ENTITY a "aaaa">]><urlset><url><loc>&a;</loc></url></urlset>',
])  # fmt: skip
def test_what_is_no_sitemap(server: WebServer, text: str) -> None:
    with pytest.raises(Refused) as caught:
        pages_of(put(server, "/sitemap.xml", text), server)
    assert caught.value.code == "no_sitemap"


def test_a_sitemap_with_what_no_library_can_read(server: WebServer) -> None:
    entry = f"<loc>{server.url('/a')}</loc><lastmod>99999999999999999999</lastmod>"
    picture = "<image:image><image:loc>http://127.0.0.1/p</image:loc></image:image>"
    text = f"<urlset><url>{entry}<priority>x</priority>{picture}</url><url><loc>broken"
    assert pages_of(put(server, "/s.xml", text), server) == [server.url("/a")]


def test_sitemaps_that_a_robots_txt_names(server: WebServer) -> None:
    put(server, "/s.xml", sitemap_of(server.url("/a")))
    robots = f"User-agent: *\nDisallow: /private\nSitemap: {server.url('/s.xml')}\n"
    assert pages_of(put(server, "/robots.txt", robots), server) == [server.url("/a")]


def test_sitemaps_have_one_budget(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    children = [
        put(server, f"/{number}.xml", sitemap_of(server.url(f"/{number}"))) for number in range(5)
    ]
    url = put(server, "/i.xml", sitemap_of(*children, kind="sitemapindex", item="sitemap"))
    index, child = (len(server.answers[path].body) for path in ("/i.xml", "/0.xml"))
    assert len(pages_of(url, server)) == 5
    monkeypatch.setattr(limits, "WEB_SITEMAPS_MAX_BYTES", index + 2 * child)
    assert len(pages_of(url, server)) == 2
    monkeypatch.setattr(limits, "WEB_SITEMAPS_SECONDS", 0)
    assert pages_of(children[0], server) == [server.url("/0")]
    with pytest.raises(Refused):
        pages_of(url, server)


def test_a_sitemap_is_read_in_the_limited_process(server: WebServer) -> None:
    """49 MB of the smallest entries, and as much of one element within the other."""
    before = getrusage(RUSAGE_SELF).ru_utime
    page = f"<url><loc>{server.url('/a')}</loc></url>"
    put(server, "/many.xml", f"<urlset>{page}{'<url><loc>x</loc></url>' * 2_100_000}</urlset>")
    assert pages_of(server.url("/many.xml"), server) == [server.url("/a")]
    put(server, "/deep.xml", "<urlset>" + "<a>" * 15_000_000)
    with pytest.raises(Refused) as caught:
        pages_of(server.url("/deep.xml"), server)
    assert caught.value.code == "no_sitemap"
    assert getrusage(RUSAGE_SELF).ru_utime - before < 10


def test_a_sitemap_that_unpacks_to_too_much(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEB_SITEMAP_MAX_BYTES", 1_000_000)
    server.answers["/x.xml.gz"] = Answer(gzip.compress(b"<" * 50_000_000))
    with pytest.raises(Refused) as caught:
        pages_of(server.url("/x.xml.gz"), server)
    assert caught.value.code == "too_large"
