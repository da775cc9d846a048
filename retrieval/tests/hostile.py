"""Files made to do harm, and what the tests of them share."""

import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.parsing.errors import (
    ParseError,
)
from retrieval.parsing.sandbox import ParserProcess
from retrieval.tests.files import (
    BODY,
    with_entry,
    write_docx,
    write_epub,
    write_pdf,
    write_pptx,
    write_xlsx,
)

XHTML = "<html><body><p>Text of a chapter.</p></body></html>"


def make_docx(path: Path) -> Path:
    return write_docx(path)


def make_pptx(path: Path) -> Path:
    return write_pptx(path)


def make_xlsx(path: Path) -> Path:
    return write_xlsx(path, {"Sheet": [["a", 1], ["b", 2]]})


def make_epub(path: Path) -> Path:
    return write_epub(path, {"a.xhtml": XHTML})


def make_pdf(path: Path) -> Path:
    return write_pdf(path, [[(*BODY, "A page of text.")]])


ZIPPED = {
    ".docx": (make_docx, "word/document.xml"),
    ".pptx": (make_pptx, "ppt/slides/slide1.xml"),
    ".xlsx": (make_xlsx, "xl/worksheets/sheet1.xml"),
    ".epub": (make_epub, "OEBPS/text/a.xhtml"),
}


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    ".pdf": make_pdf,
    **{suffix: make for suffix, (make, _) in ZIPPED.items()},
    ".html": lambda path: written(path, b"<p>Text.</p>"),
    ".md": lambda path: written(path, b"# Text"),
    ".vtt": lambda path: written(path, b"WEBVTT\n\n00:01.000 --> 00:02.000\nText\n"),
    ".txt": lambda path: written(path, b"Text."),
}
TEXTS = (".html", ".md", ".vtt", ".txt")


def fails(parser: ParserProcess, path: Path, *kinds: type[ParseError], filename: str = "") -> str:
    begun = time.monotonic()
    with pytest.raises(kinds) as caught:
        parser.parse(path, filename or path.name)
    assert "\n" not in caught.value.detail
    assert time.monotonic() - begun < 35
    return caught.value.detail


def lying(path: Path, like: Path, name: str, real: int, said: int, *, crc: bool) -> Path:
    """A copy of `like` in which `name` unpacks to `real` zero bytes and says `said`.

    With `crc` the check sum is that of the first `said` bytes, so that it fits what is read.
    """
    with_entry(path, like, name, bytes(real))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(name)
        at_end = archive.start_dir
    central = content.index(name.encode(), at_end) - 46
    for at, crc_at, size_at in ((entry.header_offset, 14, 22), (central, 16, 24)):
        struct.pack_into("<L", content, at + size_at, said)
        if crc:
            struct.pack_into("<L", content, at + crc_at, zlib.crc32(bytes(said)))
    return written(path, bytes(content))


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def pdf_of(objects: list[bytes]) -> bytes:
    """A PDF file of numbered objects, of which the first is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)
