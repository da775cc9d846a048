"""Which parser reads a file: the one of its extension, if the content is of that kind."""

import zipfile
from dataclasses import dataclass
from importlib import import_module
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

MIB = 1024 * 1024

# A small zip file can unpack to far more than the memory there is.
MAX_UNPACKED_BYTES = 512 * MIB

HEAD_BYTES = 64 * 1024
PDF_HEADER_WITHIN = 1024


class ParserModule(Protocol):
    """A module of this package that reads one format."""

    def parse(self, path: Path, title: str, max_pages: int) -> ParsedDocument:
        """Read `path`; `title` is the name for a document that has none of its own.

        Raises ParseError, or whatever the format's library raises for damaged content.
        """


@dataclass(frozen=True)
class Format:
    name: str
    content: str
    extensions: tuple[str, ...]
    # Imported when a file needs it: each process reads one file of one format.
    module: str


FORMATS = (
    Format("a PDF", "pdf", (".pdf",), "retrieval.parsing.pdf"),
    Format("a Word document", "docx", (".docx",), "retrieval.parsing.docx"),
    Format("a PowerPoint presentation", "pptx", (".pptx",), "retrieval.parsing.pptx"),
    Format("a web page", "text", (".html", ".htm", ".xhtml"), "retrieval.parsing.html"),
    Format("Markdown", "text", (".md", ".markdown"), "retrieval.parsing.markdown"),
    Format("plain text", "text", (".txt", ".text"), "retrieval.parsing.text"),
)
EXTENSIONS = tuple(extension for format_ in FORMATS for extension in format_.extensions)

_CONTENT_NAMES = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "pptx": "a PowerPoint presentation",
    "zip": "a zip archive",
    "old-office": "an Office file of the old kind",
    "text": "text",
    "binary": "of another kind",
}


def parse_document(path: Path, filename: str, *, max_bytes: int, max_pages: int) -> ParsedDocument:
    """The document at `path`, whose user calls it `filename`.

    Raises ParseError for every file that can't be read, whatever is wrong with it.
    """
    check_file(path, filename, max_bytes=max_bytes)
    format_ = format_of(filename)
    try:
        _check_content(path, format_)
        parser = cast(ParserModule, import_module(format_.module))
        document = parser.parse(path, PurePath(filename).stem, max_pages)
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
    return document


def check_file(path: Path, filename: str, *, max_bytes: int) -> None:
    """What can be said of a file without reading it. Raises ParseError."""
    if not path.is_file():
        raise FileMissing("There is no such file")
    format_of(filename)
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


def format_of(filename: str) -> Format:
    """The format that a file's name promises. Raises UnsupportedType."""
    extension = PurePath(filename).suffix.lower()
    for format_ in FORMATS:
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
        return _sniff_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # Office wraps an encrypted document into a file of the old kind.
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise Encrypted("The file is encrypted: remove its password and upload it again")
        return "old-office"
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "binary" if b"\x00" in head and not utf16 else "text"


def _sniff_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise DocumentTooLarge(
                    f"The file unpacks to more than {MAX_UNPACKED_BYTES / MIB:.0f} MB"
                )
            if any(entry.flag_bits & 1 for entry in entries):
                raise Encrypted("The file is encrypted: remove its password and upload it again")
            if "[Content_Types].xml" not in archive.namelist():
                return "zip"
            types = archive.read("[Content_Types].xml")
    except zipfile.BadZipFile as error:
        raise Corrupt("The file is damaged or was cut short") from error
    if b"wordprocessingml.document.main" in types:
        return "docx"
    if b"presentationml.presentation.main" in types:
        return "pptx"
    return "zip"
