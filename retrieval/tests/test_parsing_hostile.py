"""Files made to do harm: each is refused with a clear error, in little memory and time."""

import json
import os
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from retrieval.parsing.errors import (
    Corrupt,
    DocumentTooLarge,
    EmptyDocument,
    FileMissing,
    Mislabelled,
    ParseCrash,
    ParseError,
    ParseTimeout,
    UnsupportedType,
)
from retrieval.parsing.registry import EXTENSIONS, INTERNAL_FORMATS, MIB, check_upload
from retrieval.parsing.sandbox import ParserProcess
from retrieval.tests.files import (
    with_entry,
    write_docx,
)
from retrieval.tests.hostile import CATALOG, MAKERS, TEXTS, ZIPPED, fails, pdf_of, written


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(memory_mb=512, seconds=30, max_bytes=100 * MIB, max_pages=50) as process:
        yield process


class _Asked(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)


def test_a_word_document_fetches_nothing(tmp_path: Path, parser: ParserProcess) -> None:
    secret = written(tmp_path / "secret.txt", b"hidden")
    with HTTPServer(("127.0.0.1", 0), _Asked) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/template.dotx"
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
        like = write_docx(tmp_path / "a.docx")
        with zipfile.ZipFile(like) as archive:
            relations = archive.read("word/_rels/document.xml.rels").decode()
        more = "".join(
            f'<Relationship Id="x{n}" Type="{kind}{what}" Target="{target}" TargetMode="External"/>'
            for n, (what, target) in enumerate(
                (what, target)
                for what in ("attachedTemplate", "image", "subDocument")
                for target in (url, secret.as_uri())
            )
        )
        evil = relations.replace("</Relationships>", more + "</Relationships>").encode()
        path = with_entry(tmp_path / "b.docx", like, "word/_rels/document.xml.rels", evil)
        document = parser.parse(path, path.name)
        page = written(
            tmp_path / "a.html",
            f'<html><link rel="stylesheet" href="{url}"><body><img src="{url}"><p>Text'.encode(),
        )
        assert parser.parse(page, page.name).blocks
        server.shutdown()
    assert document.blocks == parser.parse(like, like.name).blocks
    assert _Asked.asked == []


def test_a_pdf_stream_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    first = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    part = packer.compress(b"(a) Tj " * 150_000) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = first + part * 3000 + packer.flush()
    assert len(stream) < 10 * MIB
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    content = b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream)
    path = written(
        tmp_path / "bomb.pdf",
        pdf_of([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content]),
    )
    with ParserProcess(memory_mb=512, seconds=4, max_bytes=10 * MIB, max_pages=5) as process:
        fails(process, path, ParseCrash, ParseTimeout, EmptyDocument)


def test_a_tree_of_pages_that_is_a_ring(tmp_path: Path, parser: ParserProcess) -> None:
    ring = [CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 9>>"]
    ring.append(b"<</Type/Pages/Kids[2 0 R 3 0 R]/Parent 2 0 R/Count 9>>")
    fails(parser, written(tmp_path / "ring.pdf", pdf_of(ring)), EmptyDocument, Corrupt)


def test_too_many_pages_are_refused_at_once(tmp_path: Path, parser: ParserProcess) -> None:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 10_003))
    tree = b"<</Type/Pages/Kids[%s]/Count 10000>>" % kids
    path = written(tmp_path / "long.pdf", pdf_of([CATALOG, tree, *[page] * 10_000]))
    begun = time.monotonic()
    assert "10000 pages; at most 50" in fails(parser, path, DocumentTooLarge)
    assert time.monotonic() - begun < 5
    said = b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>"
    path = written(tmp_path / "said.pdf", pdf_of([CATALOG, said, page]))
    fails(parser, path, DocumentTooLarge, EmptyDocument, Corrupt)


@pytest.mark.parametrize("suffix", MAKERS)
def test_names_that_are_wrong(tmp_path: Path, parser: ParserProcess, suffix: str) -> None:
    path = MAKERS[suffix](tmp_path / f"a{suffix}")
    assert parser.parse(path, path.name).blocks
    for other in MAKERS:
        if other == suffix or (suffix in TEXTS and other in TEXTS and other != ".vtt"):
            continue  # any text is text
        fails(parser, path, Mislabelled, filename=f"named{other}")


@pytest.mark.parametrize("suffix", [*MAKERS, ".srt", ".markdown", ".htm"])
@pytest.mark.parametrize(
    "content",
    [b"", b" \n\t\r\n ", b"\xef\xbb\xbf", bytes(5000), b"\x00", bytes(range(256)) * 40],
    ids=["empty", "blank", "mark", "nul", "one-nul", "binary"],
)
def test_nothing_and_noise(
    tmp_path: Path, parser: ParserProcess, suffix: str, content: bytes
) -> None:
    fails(parser, written(tmp_path / f"a{suffix}", content), EmptyDocument, Mislabelled, Corrupt)


@pytest.mark.parametrize("suffix", [".pdf", *ZIPPED])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_files_that_were_cut_short(
    tmp_path: Path, parser: ParserProcess, suffix: str, share: float
) -> None:
    content = MAKERS[suffix](tmp_path / f"a{suffix}").read_bytes()
    path = written(tmp_path / f"cut{suffix}", content[: int(len(content) * share)])
    fails(parser, path, Corrupt, Mislabelled)


def test_nul_deep_inside_a_text(tmp_path: Path, parser: ParserProcess) -> None:
    text = b"<p>word</p>\n" * 9000 + b"a\x00b"
    for name in ("a.txt", "a.html", "a.md"):
        path = written(tmp_path / name, text)
        assert not any("\x00" in block.text for block in parser.parse(path, name).blocks)


@pytest.mark.parametrize("tag", ["div", "ul><li", "b", "table><tr><td", "blockquote", "svg"])
def test_deep_nesting(tmp_path: Path, parser: ParserProcess, tag: str) -> None:
    path = written(tmp_path / "deep.html", f"<{tag}>".encode() * 200_000 + b"text")
    try:
        parser.parse(path, path.name)
    except ParseError as error:
        assert isinstance(error, Corrupt | EmptyDocument | ParseCrash), error.detail


def test_a_line_of_fifty_megabytes(tmp_path: Path) -> None:
    path = written(tmp_path / "line.txt", b"abcde " * (50 * MIB // 6))
    with ParserProcess(memory_mb=1024, seconds=60, max_bytes=100 * MIB, max_pages=50) as process:
        tracemalloc.start()
        detail = fails(process, path, DocumentTooLarge)
        assert tracemalloc.get_traced_memory()[1] < MIB
        tracemalloc.stop()
    assert detail == "The file has more than 20,000,000 characters of text"


def test_headings_that_stand_above_much_count(tmp_path: Path) -> None:
    """What comes back repeats them above every block."""
    path = written(tmp_path / "a.html", b"<h1>" + b"long " * 2000 + b"</h1>" + b"<p>x</p>" * 5000)
    with ParserProcess(
        memory_mb=512, seconds=30, max_bytes=MIB, max_pages=5, max_characters=10_000_000
    ) as process:
        fails(process, path, DocumentTooLarge)


def test_links_and_odd_paths(tmp_path: Path, parser: ParserProcess) -> None:
    real = written(tmp_path / "real.txt", b"Real text.")
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    assert parser.parse(link, link.name).blocks[0].text == "Real text."
    broken = tmp_path / "broken.txt"
    broken.symlink_to(tmp_path / "nowhere")
    fails(parser, broken, FileMissing)
    loop = tmp_path / "loop.txt"
    loop.symlink_to(loop)
    fails(parser, loop, FileMissing)
    os.mkfifo(tmp_path / "pipe.txt")
    fails(parser, tmp_path / "pipe.txt", FileMissing)
    odd = written(tmp_path / 'a\nb"{}\u2028.txt', b"Odd text.")
    document = parser.parse(odd, odd.name)
    assert document.blocks[0].text == "Odd text."


def test_formats_of_our_own_are_taken_from_nobody(tmp_path: Path) -> None:
    for format_ in INTERNAL_FORMATS:
        for extension in format_.extensions:
            assert extension not in EXTENSIONS
            path = written(tmp_path / f"a{extension}", b"<p>Text</p>")
            with pytest.raises(UnsupportedType):
                check_upload(path, path.name, max_bytes=MIB)


def test_the_answer_takes_little_more_than_the_text(tmp_path: Path) -> None:
    text = "ä€ " * 300_000
    path = written(tmp_path / "a.txt", text.encode())
    with ParserProcess(memory_mb=512, seconds=30, max_bytes=MIB * 9, max_pages=5) as process:
        tracemalloc.start()
        document = process.parse(path, path.name)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(text)
        tracemalloc.stop()
    assert document.blocks[0].text == text.strip()
    assert len(json.dumps(document.as_json(), ensure_ascii=False)) < 1.1 * len(text)
