"""A file that can't be read says why, in one line, and takes nothing else down."""

import os
from pathlib import Path

import pytest

from retrieval.parsing import zips
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
    ParseTimeout,
    ScannedOnly,
    UnsupportedType,
)
from retrieval.parsing.registry import MIB, parse_document
from retrieval.parsing.sandbox import ParserProcess, worker_environment
from retrieval.tests.files import BODY, write_bomb, write_docx, write_pdf, write_pptx, write_scan

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def fails(path: Path, kind: type[ParseError], filename: str = "", max_pages: int = 50) -> str:
    with pytest.raises(kind) as caught:
        parse_document(path, filename or path.name, max_bytes=MIB, max_pages=max_pages)
    assert type(caught.value) is kind
    assert "\n" not in caught.value.detail
    return caught.value.detail


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "good.pdf", [[(*BODY, f"Page {n} has text.")] for n in range(20)])


def test_encrypted(tmp_path: Path) -> None:
    locked = write_pdf(tmp_path / "locked.pdf", [[(*BODY, "secret")]], password="pw")
    assert "remove its password" in fails(locked, Encrypted)
    office = OLE + "EncryptedPackage".encode("utf-16-le")
    fails(written(tmp_path / "locked.docx", office), Encrypted)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b""), ("b.txt", b" \n\n "), ("c.html", b"<html><script>1</script></html>")],
)
def test_empty(tmp_path: Path, name: str, content: bytes) -> None:
    fails(written(tmp_path / name, content), EmptyDocument)


def test_empty_pdf(tmp_path: Path) -> None:
    fails(write_pdf(tmp_path / "blank.pdf", [[]]), EmptyDocument)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated(tmp_path: Path, pdf: Path, share: float) -> None:
    for whole in (pdf, write_docx(tmp_path / "a.docx"), write_pptx(tmp_path / "b.pptx")):
        content = whole.read_bytes()
        fails(
            written(tmp_path / f"cut{whole.suffix}", content[: int(len(content) * share)]), Corrupt
        )


def test_damaged(tmp_path: Path, pdf: Path) -> None:
    fails(
        written(tmp_path / "noise.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 9 + b"%%EOF"), Corrupt
    )
    content = bytearray(write_docx(tmp_path / "a.docx").read_bytes())
    middle = content.index(b"word/document.xml") + 40
    content[middle : middle + 200] = bytes(200)
    fails(written(tmp_path / "flipped.docx", bytes(content)), Corrupt)


def test_scanned_only(tmp_path: Path) -> None:
    assert "OCR" in fails(write_scan(tmp_path / "scan.pdf"), ScannedOnly)


def test_mislabelled(tmp_path: Path, pdf: Path) -> None:
    assert fails(pdf, Mislabelled, "report.docx") == (
        "The name says a Word document, but the content is a PDF"
    )
    fails(pdf, Mislabelled, "notes.txt")
    fails(write_docx(tmp_path / "a.docx"), Mislabelled, "a.pptx")
    fails(written(tmp_path / "photo.pdf", PNG), Mislabelled)
    fails(written(tmp_path / "photo.md", PNG), Mislabelled)
    fails(written(tmp_path / "old.docx", OLE), Mislabelled)
    fails(written(tmp_path / "page.pdf", b"<html>Sign in first</html>"), Mislabelled)


def test_unsupported(tmp_path: Path) -> None:
    assert ".pdf, .docx" in fails(written(tmp_path / "photo.png", PNG), UnsupportedType)
    fails(written(tmp_path / "nothing", b"text"), UnsupportedType)


def test_missing(tmp_path: Path) -> None:
    fails(tmp_path / "gone.pdf", FileMissing)
    fails(tmp_path, FileMissing, "folder.pdf")


def test_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.pdf"
    path.touch()
    os.truncate(path, 200 * MIB)
    assert fails(path, DocumentTooLarge) == "The file has 200 MB; at most 1 MB are read"


def test_too_many_pages(tmp_path: Path, pdf: Path) -> None:
    assert "20 pages; at most 19" in fails(pdf, DocumentTooLarge, max_pages=19)
    fails(write_pptx(tmp_path / "b.pptx"), DocumentTooLarge, max_pages=1)


def test_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_UNPACKED_BYTES", 10 * MIB)
    path = write_bomb(tmp_path / "bomb.docx", write_docx(tmp_path / "a.docx"), 11 * MIB)
    assert path.stat().st_size < MIB
    assert "unpacks to more than 10 MB" in fails(path, DocumentTooLarge)


def sandboxed(path: Path, *, memory_mb: int = 1024, seconds: int = 60) -> ParsedDocument:
    with ParserProcess(
        memory_mb=memory_mb, seconds=seconds, max_bytes=50 * MIB, max_pages=50
    ) as parser:
        return parser.parse(path, path.name)


def test_the_process_gives_the_same_document(pdf: Path) -> None:
    assert sandboxed(pdf) == parse_document(pdf, pdf.name, max_bytes=MIB, max_pages=50)


def test_the_process_gives_the_same_error(tmp_path: Path) -> None:
    with pytest.raises(ScannedOnly, match="OCR"):
        sandboxed(write_scan(tmp_path / "scan.pdf"))
    with pytest.raises(FileMissing):
        sandboxed(tmp_path / "gone.pdf")


def test_memory_is_limited(tmp_path: Path) -> None:
    path = written(tmp_path / "wide.html", b"<p>a<b>b</b>" * (MIB // 2))
    with pytest.raises(ParseCrash):
        sandboxed(path, memory_mb=150)


def test_time_is_limited(tmp_path: Path) -> None:
    path = written(tmp_path / "slow.html", b"<p>a<b>b</b>" * MIB)
    with pytest.raises((ParseTimeout, ParseCrash)):
        sandboxed(path, seconds=1, memory_mb=8192)


def test_deep_nesting_is_an_error_or_text(tmp_path: Path) -> None:
    path = written(tmp_path / "deep.html", b"<div>" * 100_000 + b"text")
    try:
        assert sandboxed(path).blocks
    except Corrupt as error:
        assert "nested too deeply" in error.detail


def test_the_process_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.setenv("DATABASE_URL", "postgres://lectern:hidden@localhost/lectern")
    assert "PATH" in worker_environment()
    assert "hidden" not in "".join(worker_environment().values())


def test_one_process_reads_on_after_a_file_that_was_too_much(tmp_path: Path, pdf: Path) -> None:
    heavy = written(tmp_path / "wide.html", b"<p>a<b>b</b>" * (MIB // 2))
    with ParserProcess(memory_mb=150, seconds=60, max_bytes=50 * MIB, max_pages=50) as parser:
        first = parser.parse(pdf, pdf.name)
        with pytest.raises(ParseCrash):
            parser.parse(heavy, heavy.name)
        with pytest.raises(UnsupportedType):
            parser.parse(pdf, "notes.exe")
        assert parser.parse(pdf, pdf.name) == first
