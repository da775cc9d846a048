"""What a page is about, in a few words: from what it says of itself, else from its heading.

In this order: the section or category it is filed under, the step above it in its breadcrumbs,
its first keyword, its first heading, its title. Names that say nothing are passed over.
"""

import json
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from retrieval.parsing.builder import one_line
from retrieval.parsing.document import BlockKind, ParsedDocument

TOPIC_MAX = 200  # characters
_SAYS_NOTHING = frozenset(
    (
        *("uncategorized", "uncategorised", "unkategorisiert", "allgemein", "general", "other"),
        *("home", "homepage", "main page", "index", "start", "startseite", "hauptseite"),
        *("blog", "news", "article", "articles", "page", "website", "misc", "untitled"),
    )
)


def page_topic(tree: HtmlElement, found: Any, document: ParsedDocument) -> str:
    """The topic of a page; "" if nothing tells it. `found` is what trafilatura has found."""
    for words in _candidates(tree, found, document):
        topic = one_line(words)
        if topic and len(topic) <= TOPIC_MAX and topic.casefold() not in _SAYS_NOTHING:
            return topic
    return ""


def _candidates(tree: HtmlElement, found: Any, document: ParsedDocument) -> Iterator[str]:
    if found is not None:
        yield from found.categories or ()
    yield from _breadcrumbs(tree)
    if found is not None:
        for tags in found.tags or ():
            yield from tags.split(",")
    headings = [block.text for block in document.blocks if block.kind is BlockKind.HEADING]
    yield from headings[:1]
    yield document.title


def _breadcrumbs(tree: HtmlElement) -> Iterator[str]:
    """The step above the page in each list of breadcrumbs (JSON-LD), unless it is the first."""
    for script in tree.iterfind(".//script[@type]"):
        if script.get("type") != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for crumbs in _lists(data):
            names = [_name(item) for item in crumbs]
            if len(names) > 2:
                yield names[-2]


def _lists(data: Any) -> Iterator[list[Any]]:
    things = data if isinstance(data, list) else [data]
    for thing in things:
        if not isinstance(thing, dict):
            continue
        graph = thing.get("@graph")
        if isinstance(graph, list):
            things.extend(graph)
        items = thing.get("itemListElement")
        if thing.get("@type") == "BreadcrumbList" and isinstance(items, list):
            yield sorted(items, key=_position)


def _position(item: Any) -> float:
    place = item.get("position") if isinstance(item, dict) else None
    try:
        return float(place)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    inner = item.get("item")
    name = item.get("name") or (inner.get("name") if isinstance(inner, dict) else "")
    return name if isinstance(name, str) else ""
