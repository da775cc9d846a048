"""Web pages: headings, paragraphs, lists, tables row by row, code as it is."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from retrieval.parsing.builder import BlockBuilder, one_line, table_text
from retrieval.parsing.charsets import codec_of, decode_named
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.text import decode

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = ("ul", "ol", "dl")
ITEMS = ("li", "dt", "dd")
# No part of what the page says.
SKIPPED = ("script", "style", "noscript", "template", "svg", "nav", "iframe", "button", "select")
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd"),
        *("details", "div", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header"),
        *("hr", "li", "main", "p", "section", "summary", "tbody", "td", "tfoot", "th", "thead"),
        *("tr", "pre", "table", *HEADINGS, *LISTS),
    )
)
# They have no end tag, so that "/>" ends them.
_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CHARSET_WITHIN = 4096
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_XHTML = re.compile(rb"<\?xml|http://www\.w3\.org/1999/xhtml")
_CLOSED = re.compile(rf"<(?!(?:{_VOID})\b)([A-Za-z][\w:-]*)(\s[^<>]*)?/>")
_text = etree.XPath("string()")


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    return parse_html(path.read_bytes(), title)


def parse_html(markup: str | bytes, title: str) -> ParsedDocument:
    """`title` is used for a page that has neither a title nor a main heading."""
    builder = BlockBuilder()
    root = _tree(markup)
    if root is None:
        return ParsedDocument(title, [])
    etree.strip_elements(root, *SKIPPED, with_tail=False)
    own_title = next(root.iter("title"), None)
    if own_title is None:
        own_title = next(root.iter("h1"), None)
    if own_title is not None:
        title = one_line(_text(own_title)) or title
    main = next(root.iter("main"), None)
    if main is None:
        main = root.find("body")
    _Walk(root, builder).walk(root if main is None else main)
    return ParsedDocument(title, builder.blocks)


def _tree(markup: str | bytes) -> etree._Element | None:
    """The root; None for a page without any element."""
    if isinstance(markup, bytes):
        xhtml = _XHTML.search(markup, 0, _CHARSET_WITHIN)
        markup = decode_page(markup)
        if xhtml:
            # To an HTML parser "<title/>" is the beginning of a title.
            markup = _CLOSED.sub(r"<\1\2></\1>", markup)
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        return etree.fromstring(markup.replace("\x00", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise


def decode_page(markup: bytes) -> str:
    """Text in the encoding that the page names, or else in the one that fits best.

    Raises Corrupt if none does.
    """
    named = _CHARSET.search(markup, 0, _CHARSET_WITHIN)
    if named and not markup.startswith(_MARKS):
        name = named[1].decode()
        # A page in UTF-16 could not say so in these bytes.
        if not (codec_of(name) or "").startswith("utf_16"):
            text = decode_named(markup, name)
            if text is not None:
                return text
    return decode(markup)


class _Walk:
    """Goes through the page once, in the order of its text."""

    def __init__(self, root: etree._Element, builder: BlockBuilder) -> None:
        self._builder = builder
        self._with_blocks = _above(root, *BLOCKS)
        self._with_tables = _above(root, "table", "pre")
        self._with_headings = _above(root, *HEADINGS)

    def walk(self, element: etree._Element) -> None:
        """The blocks of `element`; text that stands loose between them is a paragraph."""
        loose = [_spaced(element.text)]
        for child in element:
            if child.tag in BLOCKS or child in self._with_blocks:
                self._flush(loose)
                self._block(child)
            else:
                loose.append(_inline(child))
            loose.append(_spaced(child.tail))
        self._flush(loose)

    def _flush(self, loose: list[str]) -> None:
        self._builder.add("".join(loose), BlockKind.PARAGRAPH)
        loose.clear()

    def _block(self, element: etree._Element) -> None:
        simple = element not in self._with_tables
        if element.tag in HEADINGS:
            self._builder.heading(_text(element), int(element.tag[1]))
        elif element.tag == "pre":
            self._builder.add(_text(element), BlockKind.CODE)
        elif element.tag == "table" and simple:
            caption = next(element.iter("caption"), None)
            rows = [] if caption is None else [[_inline(caption)]]
            rows += [list(map(_inline, row.iter("th", "td"))) for row in element.iter("tr")]
            header_lines = 1 if caption is None else 2
            self._builder.add(table_text(rows), BlockKind.TABLE, header_lines=header_lines)
        elif element.tag in LISTS and simple and element not in self._with_headings:
            self._builder.add("\n".join(_items(element)), BlockKind.LIST)
        else:
            self.walk(element)


def _above(root: etree._Element, *tags: str) -> set[etree._Element]:
    """The elements that have one of `tags` somewhere inside."""
    found: set[etree._Element] = set()
    for element in root.iter(*tags):
        above = element.getparent()
        while above is not None and above not in found:
            found.add(above)
            above = above.getparent()
    return found


def _items(items: etree._Element, indent: str = "") -> Iterator[str]:
    """The lines of a list; a list inside an item, or between items, is indented."""
    number = 0
    for item in items:
        if item.tag in LISTS:
            yield from _items(item, indent + "  ")
        elif item.tag in ITEMS:
            number += 1
            mark = {"ol": f"{number}. ", "ul": "- "}.get(
                items.tag, "  " if item.tag == "dd" else ""
            )
            nested: list[etree._Element] = []
            yield f"{indent}{mark}{one_line(_inline(item, nested))}"
            for child in nested:
                yield from _items(child, indent + "  ")
        elif next(item.iter(*ITEMS), None) is not None:
            yield from _items(item, indent)
        elif text := one_line(_inline(item)):
            yield indent + text


def _inline(element: etree._Element, nested: list[etree._Element] | None = None) -> str:
    """The text of an element; the lists in it go to `nested`, if that is given."""
    if element.tag == "br":
        return "\n"
    if element.tag == "img":
        return str(element.get("alt") or "")
    parts = [_spaced(element.text)]
    for child in element:
        if nested is not None and child.tag in LISTS:
            nested.append(child)
        else:
            parts.append(_inline(child, nested))
        parts.append(_spaced(child.tail))
    text = "".join(parts)
    return f" {text} " if element.tag in BLOCKS else text


def _spaced(text: str | None) -> str:
    """A line break in the source is a space: only <br> breaks a line."""
    return text.replace("\n", " ").replace("\r", " ") if text else ""
