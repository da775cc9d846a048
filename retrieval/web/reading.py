"""From an answer to passages: the parsers read it from a file, in a process of their own."""

import codecs
import hashlib
import re
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit

from retrieval.parsing.charsets import decode_named
from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.sandbox import ParserProcess
from retrieval.pipeline import ReadFile, read_file
from retrieval.web.fetch import PAGE_TYPES, Fetched

PAGE_NAME = "page.webpage"
_NO_NAME = re.compile(r"[^\w.-]+")


def read_answer(got: Fetched, *, parser: ParserProcess) -> ReadFile:
    """Read and cut a page. Raises what `read_file` raises."""
    with NamedTemporaryFile() as file:
        file.write(_as_utf8(got) if got.content_type != "application/pdf" else got.body)
        file.flush()
        return read_file(Path(file.name), _filename(got), parser=parser)


def content_hash(document: ParsedDocument) -> str:
    """SHA-256 of title and text: what stands around the text may change at every request."""
    digest = hashlib.sha256(document.title.encode())
    for block in document.blocks:
        digest.update(f"\0{block.kind}\0{block.text}".encode())
    return digest.hexdigest()


def _filename(got: Fetched) -> str:
    """The name that the parser is told; of what has no title inside it becomes the title."""
    name = PAGE_TYPES.get(got.content_type, PAGE_NAME)
    if name == PAGE_NAME:
        return name
    path = urlsplit(got.url).path.rstrip("/")
    stem = unquote(path.rsplit("/", 1)[-1]).rsplit(".", 1)[0]
    return f"{_NO_NAME.sub(' ', stem).strip() or urlsplit(got.url).hostname}{Path(name).suffix}"


def _as_utf8(got: Fetched) -> bytes:
    """The text with a mark of UTF-8, if the server says in which charset it is.

    It knows better than the page, whose own word is often wrong. Done here, not by the parser:
    `decode_named` takes as long as the text is.
    """
    if not got.charset or got.body.startswith((codecs.BOM_UTF8, b"\xff\xfe", b"\xfe\xff")):
        return got.body
    text = decode_named(got.body, got.charset)
    return got.body if text is None else codecs.BOM_UTF8 + text.encode("utf-8", "replace")
