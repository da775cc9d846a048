"""Markdown: rendered as a web page and read as one."""

import re
from pathlib import Path

from markdown_it import MarkdownIt

from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.html import parse_html
from retrieval.parsing.text import decode

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n.*?\n---[^\S\n]*(?:\n|\Z)", re.DOTALL)


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    source = decode(path.read_bytes()).replace("\r\n", "\n")
    markdown = MarkdownIt("commonmark").enable("table")
    return parse_html(markdown.render(_FRONT_MATTER.sub("", source)), title)
