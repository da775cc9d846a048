"""Web pages: headings, paragraphs, lists, tables row by row, code as it is."""

from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from retrieval.parsing.builder import BlockBuilder, one_line, table_text
from retrieval.parsing.document import BlockKind, ParsedDocument

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = ("ul", "ol", "dl")
# No part of what the page says.
SKIPPED = ("script", "style", "noscript", "template", "svg", "nav", "iframe", "button", "select")
BLOCKS = (
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details"),
    *("div", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li"),
    *("main", "p", "section", "summary", "tbody", "td", "tfoot", "th", "thead", "tr"),
    *("pre", "table", *HEADINGS, *LISTS),
)


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    return parse_html(path.read_bytes(), title)


def parse_html(markup: str | bytes, title: str) -> ParsedDocument:
    """`title` is used for a page that has neither a title nor a main heading."""
    soup = BeautifulSoup(markup, "lxml")
    for unwanted in soup.find_all(SKIPPED):
        unwanted.decompose()
    own_title = soup.find("title") or soup.find("h1")
    if isinstance(own_title, Tag):
        title = one_line(own_title.get_text()) or title
    builder = BlockBuilder()
    _walk(soup.find("main") or soup.body or soup, builder)
    return ParsedDocument(title, builder.blocks)


def _walk(element: Tag, builder: BlockBuilder) -> None:
    """The blocks of `element`; text that stands loose between them is a paragraph."""
    loose: list[str] = []

    def flush() -> None:
        builder.add("".join(loose), BlockKind.PARAGRAPH)
        loose.clear()

    for child in element.children:
        if not isinstance(child, Tag):
            loose.append(_string(child))
        elif child.name in BLOCKS or child.find(BLOCKS) is not None:
            flush()
            _block(child, builder)
        else:
            loose.append(_inline(child))
    flush()


def _block(element: Tag, builder: BlockBuilder) -> None:
    if element.name in HEADINGS:
        builder.heading(element.get_text(), int(element.name[1]))
    elif element.name == "pre":
        builder.add(element.get_text(), BlockKind.CODE)
    elif element.name == "table" and element.find(("table", "pre")) is None:
        builder.add(_table(element), BlockKind.TABLE)
    elif element.name in LISTS and element.find(("table", "pre", *HEADINGS)) is None:
        builder.add("\n".join(_items(element)), BlockKind.LIST)
    else:
        _walk(element, builder)


def _table(table: Tag) -> str:
    caption = table.find("caption")
    rows = [[_inline(caption)]] if isinstance(caption, Tag) else []
    cells = (row.find_all(("th", "td")) for row in table.find_all("tr"))
    return table_text(rows + [list(map(_inline, row)) for row in cells])


def _items(items: Tag, indent: str = "") -> Iterator[str]:
    for number, item in enumerate(items.find_all(("li", "dt", "dd"), recursive=False), start=1):
        mark = {"ol": f"{number}. ", "ul": "- "}.get(items.name, "  " if item.name == "dd" else "")
        nested = [child for child in item.find_all(LISTS) if child.find_parent(item.name) is item]
        for child in nested:
            child.extract()
        yield f"{indent}{mark}{one_line(_inline(item))}"
        for child in nested:
            yield from _items(child, indent + "  ")


def _inline(element: Tag) -> str:
    if element.name == "br":
        return "\n"
    if element.name == "img":
        return str(element.get("alt") or "")
    parts = [_inline(c) if isinstance(c, Tag) else _string(c) for c in element.children]
    return f" {''.join(parts)} " if element.name in BLOCKS else "".join(parts)


def _string(node: object) -> str:
    """The text of a text node; comments and declarations have none.

    A line break in the source is a space: only <br> breaks a line.
    """
    if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
        return node.replace("\n", " ").replace("\r", " ")
    return ""
