"""The pages that a sitemap lists: fetched politely, read in the limited process."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from config import limits
from config.errors import InvalidInput
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import ParseError
from retrieval.parsing.sandbox import ParserProcess
from retrieval.web.body import unpack_gzip
from retrieval.web.errors import FetchFailed, Refused
from retrieval.web.polite import PoliteFetcher
from retrieval.web.urls import clean_url, host_of

_GZIP = b"\x1f\x8b"
_NAME = "page.sitemap"


def sitemap_pages(
    url: str,
    fetcher: PoliteFetcher,
    *,
    parser: ParserProcess,
    most: int = limits.WEB_SITEMAP_PAGES,
) -> list[str]:
    """The addresses that a sitemap or an index of sitemaps lists: clean, each once, in order.

    Only those of the sitemap's own host, and at most `most`; of many or slow parts those that
    the limits leave time and bytes for. A part that can't be read is left out. Raises
    FetchFailed for one that can't be read itself, or lists nothing.
    """
    host = host_of(url)
    found: dict[str, None] = {}
    for page in _Walk(fetcher, parser, host).pages(url):
        found[page] = None
        if len(found) >= most:
            break
    if not found:
        raise Refused(f"The sitemap lists no page of {host}", code="no_sitemap")
    return list(found)


class _Walk:
    """From a sitemap to those that it leads to, each once, within one budget for all of them."""

    def __init__(self, fetcher: PoliteFetcher, parser: ParserProcess, host: str) -> None:
        self._fetcher = fetcher
        self._parser = parser
        self._host = host
        self._seen: set[str] = set()
        self._bytes = limits.WEB_SITEMAPS_MAX_BYTES
        self._until = time.monotonic() + limits.WEB_SITEMAPS_SECONDS

    def pages(self, url: str, depth: int = 0) -> Iterator[str]:
        """Raises FetchFailed for the first one, and for no other."""
        self._seen.add(url)
        try:
            document = self._read(url)
        except FetchFailed:
            if depth == 0:
                raise
            return
        yield from self._clean(document, BlockKind.PARAGRAPH)
        if depth < limits.WEB_SITEMAP_DEPTH:
            for child in self._clean(document, BlockKind.HEADING):
                if self._may_read(child):
                    yield from self.pages(child, depth + 1)

    def _may_read(self, url: str) -> bool:
        return (
            url not in self._seen
            and len(self._seen) < limits.WEB_SITEMAPS
            and self._bytes > 0
            and time.monotonic() < self._until
        )

    def _clean(self, document: ParsedDocument, kind: BlockKind) -> Iterator[str]:
        listed = (block.text for block in document.blocks if block.kind == kind)
        return (url for url in _clean(listed) if host_of(url) == self._host)

    def _read(self, url: str) -> ParsedDocument:
        data = self._fetch(url)
        self._bytes -= len(data)
        with NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            try:
                return self._parser.parse(Path(file.name), _NAME)
            except ParseError:
                raise Refused("It is no sitemap", code="no_sitemap") from None

    def _fetch(self, url: str) -> bytes:
        most = min(limits.WEB_SITEMAP_MAX_BYTES, self._bytes)
        data = self._fetcher.fetch(url, types=None, max_bytes=most).body
        return unpack_gzip(data, max_bytes=most) if data.startswith(_GZIP) else data


def _clean(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        try:
            yield clean_url(url)
        except InvalidInput:
            continue
