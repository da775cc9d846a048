"""Sitemaps (sitemaps.org) and lists of addresses, one a line: what they list, in order.

It is given by the platform itself, not by people. An address of a page is a paragraph, one of
another sitemap a heading: in an index, or in a robots.txt.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from retrieval.parsing.document import Block, BlockKind, ParsedDocument
from retrieval.parsing.errors import Corrupt
from retrieval.parsing.text import decode

ENTRIES_MAX = 50_000  # of one sitemap, by the protocol; those after them are not read
_ADDRESS_MAX = 4000  # characters; no page has one that is longer
_DEPTH_MAX = 20  # of elements within each other; the protocol's are three, with pictures four
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_KINDS = {"url": BlockKind.PARAGRAPH, "sitemap": BlockKind.HEADING}
_ROOTS = ("urlset", "sitemapindex")
_IN_ROBOTS = "sitemap:"


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    """Raises Corrupt for what is no sitemap. Of a damaged one the part before the damage counts."""
    data = path.read_bytes()
    if data[:200].lstrip(_BEFORE_XML).startswith(b"<"):
        return ParsedDocument("", _Reader().read(data.lstrip(b" \t\r\n")))
    return ParsedDocument("", list(_lines(decode(data))))


def _lines(text: str) -> Iterator[Block]:
    for line in text.splitlines()[:ENTRIES_MAX]:
        if line.lower().startswith(_IN_ROBOTS):
            yield Block(line[len(_IN_ROBOTS) :].strip()[:_ADDRESS_MAX], BlockKind.HEADING)
        elif line.strip():
            yield Block(line.strip()[:_ADDRESS_MAX], BlockKind.PARAGRAPH)


class _Enough(Exception):
    """What follows is not read."""


class _Reader:
    """Takes the <loc> of each entry as it passes; no tree is built."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._depth = 0
        self._kind: BlockKind | None = None  # of the entry that is open
        self._address: list[str] | None = None  # of the <loc> that is open
        self._length = 0

    def read(self, data: bytes) -> list[Block]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(data, True)
        except _Enough:
            pass
        except expat.ExpatError:
            if not self._blocks:
                raise Corrupt("It is no sitemap") from None
        return self._blocks

    def _doctype(self, *_: object) -> None:
        # Entities could make much of little; a sitemap needs none of its own.
        raise Corrupt("A sitemap has no document type")

    def _start(self, name: str, attributes: object) -> None:
        name = name.rpartition(":")[2]
        if self._depth == 0 and name not in _ROOTS:
            raise Corrupt("It is no sitemap")
        if self._depth >= _DEPTH_MAX:
            raise Corrupt("The sitemap is nested too deeply")
        if self._depth == 1:
            self._kind = _KINDS.get(name)
        elif self._depth == 2 and name == "loc" and self._kind is not None:
            self._address, self._length = [], 0
        self._depth += 1

    def _text(self, text: str) -> None:
        if self._address is not None and self._length <= _ADDRESS_MAX:
            self._address.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth != 2 or self._address is None or self._kind is None:
            return
        if address := "".join(self._address).strip()[:_ADDRESS_MAX]:
            self._blocks.append(Block(address, self._kind))
        self._address = None
        if len(self._blocks) >= ENTRIES_MAX:
            raise _Enough
