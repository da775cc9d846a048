"""The pages that a sitemap lists; read by ultimate-sitemap-parser, fetched by us."""

import logging
from collections.abc import Iterator

from usp.fetch_parse import SitemapFetcher
from usp.objects.sitemap import InvalidSitemap
from usp.web_client.abstract_client import (
    AbstractWebClient,
    AbstractWebClientResponse,
    AbstractWebClientSuccessResponse,
    WebClientErrorResponse,
)

from config import limits
from config.errors import InvalidInput
from retrieval.web.body import unpack_gzip
from retrieval.web.errors import FetchFailed, Refused
from retrieval.web.fetch import Fetched
from retrieval.web.polite import PoliteFetcher
from retrieval.web.urls import clean_url, host_of

_GZIP = b"\x1f\x8b"

# What is wrong with a sitemap is told by whoever asked for it.
logging.getLogger("usp").setLevel(logging.CRITICAL)


def sitemap_pages(
    url: str, fetcher: PoliteFetcher, *, most: int = limits.WEB_SITEMAP_PAGES
) -> list[str]:
    """The addresses that a sitemap or an index of sitemaps lists: clean, each once, in order.

    Only those of the sitemap's own host, and at most `most`. A part that can't be read is
    left out. Raises FetchFailed for one that can't be read itself, or lists nothing.
    """
    client = _Client(fetcher)
    host = host_of(url)

    def follow(child: str, level: int, parents: set[str]) -> bool:
        return level < limits.WEB_SITEMAP_DEPTH and _is_of(child, host)

    # An answer for the address given is asked for here, so that what is wrong is told.
    client.first(url)
    tree = SitemapFetcher(
        url=url, recursion_level=0, web_client=client, recurse_callback=follow
    ).sitemap()
    if isinstance(tree, InvalidSitemap):
        raise Refused("It is no sitemap", code="no_sitemap")
    found: dict[str, None] = {}
    for page in _clean(entry.url for entry in tree.all_pages()):
        if host_of(page) == host:
            found[page] = None
        if len(found) >= most:
            break
    if not found:
        raise Refused(f"The sitemap lists no page of {host}", code="no_sitemap")
    return list(found)


def _clean(urls: Iterator[str]) -> Iterator[str]:
    for url in urls:
        try:
            yield clean_url(url)
        except InvalidInput:
            continue


def _is_of(url: str, host: str) -> bool:
    try:
        return host_of(clean_url(url)) == host
    except InvalidInput:
        return False


class _Answer(AbstractWebClientSuccessResponse):
    """What the parser asks of an answer; it is unpacked already."""

    def __init__(self, url: str, data: bytes) -> None:
        self._url = url
        self._data = data

    def status_code(self) -> int:
        return 200

    def status_message(self) -> str:
        return "OK"

    def header(self, case_insensitive_name: str) -> str | None:
        return None

    def raw_data(self) -> bytes:
        return self._data

    def url(self) -> str:
        return self._url


class _Client(AbstractWebClient):
    """Fetches as everything else is fetched, and at most WEB_SITEMAPS times."""

    def __init__(self, fetcher: PoliteFetcher) -> None:
        self._fetcher = fetcher
        self._left = limits.WEB_SITEMAPS
        self._first: dict[str, _Answer] = {}

    def first(self, url: str) -> None:
        """Fetch the sitemap itself; raises FetchFailed."""
        self._first[url] = self._ask(url)

    def set_max_response_data_length(self, max_response_data_length: int | None) -> None:
        """Ours is in the limits."""

    def get(self, url: str) -> AbstractWebClientResponse:
        """An answer, or why there is none; it is not asked for twice."""
        if url in self._first:
            return self._first[url]
        if self._left <= 0:
            return WebClientErrorResponse("There are too many sitemaps", retryable=False)
        try:
            return self._ask(url)
        except FetchFailed as error:
            return WebClientErrorResponse(str(error), retryable=False)

    def _ask(self, url: str) -> _Answer:
        self._left -= 1
        got: Fetched = self._fetcher.fetch(url, types=None, max_bytes=limits.WEB_SITEMAP_MAX_BYTES)
        data = got.body
        if data.startswith(_GZIP):
            data = unpack_gzip(data, max_bytes=limits.WEB_SITEMAP_MAX_BYTES)
        return _Answer(got.url, data)
