"""Which parser reads a file: the one of its extension, if the content is of that kind."""

from dataclasses import dataclass
from importlib import import_module
from mmap import ACCESS_READ, mmap
from pathlib import Path, PurePath
from typing import Protocol, cast

from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.errors import (
    Corrupt,
    DocumentTooLarge,
    EmptyDocument,
    Encrypted,
    FileMissing,
    Mislabelled,
    ParseCrash,
    ParseError,
    UnsupportedType,
)
from retrieval.parsing.ocr import Ocr
from retrieval.parsing.zips import ENCRYPTED, MIB, check_unpacked, content_of

HEAD_BYTES = 64 * 1024
PDF_HEADER_WITHIN = 1024


class ParserModule(Protocol):
    """A module of this package that reads one format."""

    def parse(self, path: Path, title: str, max_pages: int) -> ParsedDocument:
        """Read `path`; `title` is the name for a document that has none of its own.

        Raises ParseError, or whatever the format's library raises for damaged content.
        """


class PictureParserModule(Protocol):
    """The same for a format whose pages may be pictures."""

    def parse(self, path: Path, title: str, max_pages: int, ocr: Ocr | None) -> ParsedDocument:
        """As above; without `ocr` the pictures are not read."""


@dataclass(frozen=True)
class Format:
    name: str
    content: str
    extensions: tuple[str, ...]
    # Imported when a file needs it: each process reads one file of one format.
    module: str
    pictures: bool = False  # its module is a PictureParserModule


FORMATS: tuple[Format, ...] = (
    Format("a PDF", "pdf", (".pdf",), "retrieval.parsing.pdf", pictures=True),
    Format("a Word document", "docx", (".docx",), "retrieval.parsing.docx"),
    Format("a PowerPoint presentation", "pptx", (".pptx",), "retrieval.parsing.pptx"),
    Format("an Excel workbook", "xlsx", (".xlsx",), "retrieval.parsing.xlsx"),
    Format("an EPUB book", "epub", (".epub",), "retrieval.parsing.epub"),
    Format("a web page", "text", (".html", ".htm", ".xhtml"), "retrieval.parsing.html"),
    Format("Markdown", "text", (".md", ".markdown"), "retrieval.parsing.markdown"),
    Format("a transcript", "text", (".vtt", ".srt"), "retrieval.parsing.transcript"),
    Format("plain text", "text", (".txt", ".text"), "retrieval.parsing.text"),
)
# What the platform itself hands to the parsers, and takes from nobody's upload.
INTERNAL_FORMATS: tuple[Format, ...] = (
    Format("a web page", "text", (".webpage",), "retrieval.parsing.webpage"),
    Format("a sitemap", "text", (".sitemap",), "retrieval.parsing.sitemap"),
)
EXTENSIONS = tuple(extension for format_ in FORMATS for extension in format_.extensions)

_ZIPPED = ("docx", "pptx", "xlsx", "epub")

_CONTENT_NAMES = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "pptx": "a PowerPoint presentation",
    "xlsx": "an Excel workbook",
    "epub": "an EPUB book",
    "zip": "a zip archive",
    "old-office": "an Office file of the old kind",
    "text": "text",
    "binary": "of another kind",
}


def parse_document(
    path: Path,
    filename: str,
    *,
    max_bytes: int,
    max_pages: int,
    max_characters: int | None = None,
    ocr: Ocr | None = None,
) -> ParsedDocument:
    """The document at `path`, whose user calls it `filename`.

    `max_characters` counts those of the texts and of the headings above each. Raises
    ParseError for every file that can't be read, whatever is wrong with it.
    """
    check_file(path, filename, max_bytes=max_bytes, internal=True)
    format_ = format_of(filename, internal=True)
    try:
        _check_content(path, format_)
        if format_.content in _ZIPPED:
            check_unpacked(path, doctypes=format_.content == "epub")
        document = _parse(path, format_, PurePath(filename).stem, max_pages, ocr)
    except ParseError:
        raise
    except RecursionError as error:
        raise Corrupt("The content is nested too deeply to be read") from error
    except MemoryError as error:
        raise ParseCrash("Reading the file takes more memory than is allowed") from error
    except Exception as error:
        # The libraries raise almost anything for content that is not what they expect.
        kind = type(error).__name__
        raise Corrupt(
            f"The file is damaged: it can't be read as {format_.name} ({kind})"
        ) from error
    if not document.blocks:
        raise EmptyDocument("There is no text in the file")
    if max_characters is not None and _characters(document) > max_characters:
        raise DocumentTooLarge(f"The file has more than {max_characters:,} characters of text")
    return document


def _parse(
    path: Path, format_: Format, title: str, max_pages: int, ocr: Ocr | None
) -> ParsedDocument:
    module = import_module(format_.module)
    if format_.pictures:
        return cast(PictureParserModule, module).parse(path, title, max_pages, ocr)
    return cast(ParserModule, module).parse(path, title, max_pages)


def _characters(document: ParsedDocument) -> int:
    """Those of the texts, and of the headings, which every block below repeats."""
    texts = sum(len(block.text) + sum(map(len, block.headings)) for block in document.blocks)
    return texts + len(document.title)


def check_file(path: Path, filename: str, *, max_bytes: int, internal: bool = False) -> None:
    """What can be said of a file without reading it. Raises ParseError.

    `internal`: as of `format_of`.
    """
    if not path.is_file():
        raise FileMissing("There is no such file")
    format_of(filename, internal=internal)
    size = path.stat().st_size
    if size == 0:
        raise EmptyDocument("The file is empty")
    if size > max_bytes:
        raise DocumentTooLarge(
            f"The file has {size / MIB:.0f} MB; at most {max_bytes / MIB:.0f} MB are read"
        )


def check_upload(path: Path, filename: str, *, max_bytes: int) -> None:
    """What can be said of a file by its size, its name and its first bytes. Raises ParseError."""
    check_file(path, filename, max_bytes=max_bytes)
    _check_content(path, format_of(filename))


def format_of(filename: str, *, internal: bool = False) -> Format:
    """The format that a file's name promises. Raises UnsupportedType.

    `internal`: INTERNAL_FORMATS are formats, too.
    """
    extension = PurePath(filename).suffix.lower()
    for format_ in FORMATS + (INTERNAL_FORMATS if internal else ()):
        if extension in format_.extensions:
            return format_
    raise UnsupportedType(
        f"Files of type {extension or 'without an extension'} can't be read; "
        f"these can: {', '.join(EXTENSIONS)}"
    )


def _check_content(path: Path, format_: Format) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    content = _sniff(path, head)
    if content != format_.content:
        raise Mislabelled(
            f"The name says {format_.name}, but the content is {_CONTENT_NAMES[content]}"
        )


def _sniff(path: Path, head: bytes) -> str:
    if b"%PDF-" in head[:PDF_HEADER_WITHIN]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return content_of(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # Office wraps an encrypted document into a file of the old kind.
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
                raise Encrypted(ENCRYPTED)
        return "old-office"
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "binary" if b"\x00" in head and not utf16 else "text"
