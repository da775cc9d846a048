"""Pages as their servers give them: the main text, without menus, banners and footers.

trafilatura finds it; where it finds nothing, the page is read as a saved one is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml.html import HtmlElement
from trafilatura import bare_extraction, load_html

from retrieval.parsing.builder import BlockBuilder, one_line, table_text
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import Corrupt, EmptyDocument
from retrieval.parsing.html import decode_page, parse_html
from retrieval.parsing.topics import page_topic

_NO_SEARCH_FOR_DATES = {"extensive_search": False, "original_date": True}
# Of trafilatura's tree; anything else is part of a line.
_BLOCKS = ("head", "p", "code", "table", "list", "item", "quote", "div")
_LANGUAGE_MAX = 35  # characters: the longest tag of BCP 47 that is ever used


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    """A page that has no title of its own has none: its address is shown."""
    markup = _markup(path.read_bytes())
    if not markup:
        raise EmptyDocument("There is no text in the page")
    tree = load_html(markup)
    if tree is None:  # a few words, or hardly HTML
        return parse_html(markup, "")
    facts = _facts(tree)
    found: Any = bare_extraction(
        load_html(markup),
        include_comments=False,
        include_formatting=True,
        favor_recall=True,
        with_metadata=True,
        date_extraction_params=_NO_SEARCH_FOR_DATES,
    )
    builder = BlockBuilder()
    if found is not None and found.body is not None:
        _walk(found.body, builder)
    if builder.blocks:
        document = ParsedDocument(one_line(found.title or ""), builder.blocks)
    else:
        document = parse_html(markup, "")
    topic = page_topic(tree, found, document)
    document.metadata = {**facts, **({"topic": topic} if topic else {})}
    return document


def _markup(data: bytes) -> str:
    """Whoever reads the page can't save it in another encoding: what does not fit is replaced."""
    try:
        return decode_page(data)
    except Corrupt:
        return data.decode("utf-8", "replace")


def _facts(tree: HtmlElement) -> dict[str, str]:
    """What the page says of itself in its head."""
    links = (link.get("href") for link in tree.iterfind(".//link[@href]") if _is_canonical(link))
    facts = {"canonical": next(links, ""), "language": (tree.get("lang") or "")[:_LANGUAGE_MAX]}
    if any(map(_forbids_index, tree.iterfind(".//meta[@name]"))):
        facts["noindex"] = "noindex"
    return {name: value.strip() for name, value in facts.items() if value and value.strip()}


def _forbids_index(meta: HtmlElement) -> bool:
    rules = {rule.strip() for rule in (meta.get("content") or "").lower().split(",")}
    named = (meta.get("name") or "").strip().lower() in ("robots", "lectern")
    return named and not rules.isdisjoint(("noindex", "none"))


def _is_canonical(link: HtmlElement) -> bool:
    return "canonical" in (link.get("rel") or "").lower().split()


def _walk(element: Any, builder: BlockBuilder) -> None:
    """The blocks of trafilatura's tree; text that stands loose between them is a paragraph."""
    loose: list[str] = [element.text or ""]

    def flush() -> None:
        builder.add("".join(loose), BlockKind.PARAGRAPH)
        loose.clear()

    for child in element:
        if child.tag in _BLOCKS:
            flush()
            _block(child, builder)
        else:
            loose.append("\n" if child.tag == "lb" else _text(child))
        loose.append(child.tail or "")
    flush()


def _block(element: Any, builder: BlockBuilder) -> None:
    if element.tag == "head":
        builder.heading(_text(element), _level(element))
    elif element.tag == "code":
        builder.add("".join(element.itertext()), BlockKind.CODE)
    elif element.tag == "table":
        rows = [list(map(_text, row)) for row in element.iter("row")]
        builder.add(table_text(rows), BlockKind.TABLE)
    elif element.tag == "list" and element.find(".//table") is None:
        builder.add("\n".join(_items(element)), BlockKind.LIST)
    elif element.tag == "p":
        builder.add(_text(element), BlockKind.PARAGRAPH)
    else:
        _walk(element, builder)


def _level(head: Any) -> int:
    rend = head.get("rend") or ""
    return int(rend[1]) if len(rend) == 2 and rend[0] == "h" and rend[1] in "123456" else 6


def _items(items: Any, indent: str = "") -> Iterator[str]:
    ordered = items.get("rend") == "ol"
    for number, item in enumerate(items.iterchildren("item"), start=1):
        yield f"{indent}{f'{number}. ' if ordered else '- '}{one_line(_text(item))}"
        for nested in item.iterchildren("list"):
            yield from _items(nested, indent + "  ")


def _text(element: Any) -> str:
    """The text of an element, without the lists in it; a line break is one."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            parts.append("\n")
        elif child.tag != "list":
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
