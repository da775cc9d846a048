"""Every format gives its text, in order, with pages and headings."""

from pathlib import Path
from time import process_time

import pytest

from retrieval.parsing.charsets import _READ, codec_of
from retrieval.parsing.document import Block, BlockKind, ParsedDocument
from retrieval.parsing.registry import MIB, parse_document
from retrieval.pipeline import parser_process
from retrieval.tests.files import BODY, CODE, HEADING, PdfLine, write_docx, write_pdf, write_pptx

HEADING_, PARAGRAPH, CODE_, TABLE, LIST = BlockKind


def read(path: Path) -> ParsedDocument:
    return parse_document(path, path.name, max_bytes=MIB, max_pages=50)


def read_text(tmp_path: Path, name: str, content: str | bytes) -> ParsedDocument:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path)


def test_pdf_blocks(tmp_path: Path) -> None:
    pages: list[list[PdfLine]] = [
        [
            (*HEADING, "Loops"),
            None,
            (*BODY, "A loop runs its body again and again, until a condi-"),
            (*BODY, "tion ends it. The condition is a well-"),
            (*BODY, "known source of errors, which may be known well."),
            None,
            (*BODY, "A second paragraph."),
            None,
            ("Helvetica-Bold", 11, "Counting"),
            (*CODE, "for i in range(3):"),
            (*CODE, "    print(i)"),
            (*BODY, "• an item"),
            (*BODY, "• another item"),
        ],
        [(*BODY, "The next page goes on.")],
    ]
    document = read(write_pdf(tmp_path / "loops.pdf", pages, title="All about loops"))
    assert (document.title, document.page_count, document.warnings) == ("All about loops", 2, [])
    above, deeper = ("Loops",), ("Loops", "Counting")
    assert document.blocks == [
        Block("Loops", HEADING_, 1),
        Block(
            "A loop runs its body again and again, until a condition ends it. The condition is "
            "a well-known source of errors, which may be known well.",
            PARAGRAPH,
            1,
            above,
        ),
        Block("A second paragraph.", PARAGRAPH, 1, above),
        Block("Counting", HEADING_, 1, above),
        Block("for i in range(3):\n    print(i)", CODE_, 1, deeper),
        Block("• an item", LIST, 1, deeper),
        Block("• another item", LIST, 1, deeper),
        Block("The next page goes on.", PARAGRAPH, 2, deeper),
    ]


def test_pdf_running_heads_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    pages: list[list[PdfLine]] = [[(*BODY, f"Text of page {word}.")] for word in "abcd"]
    document = read(write_pdf(tmp_path / "book.pdf", pages, head="A book of letters"))
    assert [block.text for block in document.blocks] == [f"Text of page {w}." for w in "abcd"]
    assert [block.page_number for block in document.blocks] == [1, 2, 3, 4]


def test_pdf_pages_without_text_are_named(tmp_path: Path) -> None:
    pages: list[list[PdfLine]] = [[(*BODY, "One.")], [], [(*BODY, "Three.")], []]
    document = read(write_pdf(tmp_path / "gaps.pdf", pages))
    assert document.warnings == ["2 of 4 pages have no text: 2, 4"]


def test_pdf_named_by_its_program_takes_the_files_name(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "lesson one.pdf", [[(*BODY, "Text.")]], title="untitled")
    assert read(path).title == "lesson one"


def test_docx(tmp_path: Path) -> None:
    document = read(write_docx(tmp_path / "water.docx"))
    assert (document.title, document.page_count) == ("The water cycle", None)
    deeper = ("Water", "Evaporation")
    assert document.blocks == [
        Block("Water", HEADING_),
        Block("Water moves all the time.", PARAGRAPH, None, ("Water",)),
        Block("Evaporation", HEADING_, None, ("Water",)),
        Block("- warm sea\n- dry wind", LIST, None, deeper),
        Block("Place | Rain\nBergen | 2,250 mm", TABLE, None, deeper),
        Block("for drop in cloud:\n    fall(drop)", CODE_, None, deeper),
        Block("Clouds", HEADING_),
        Block("Clouds are drops.", PARAGRAPH, None, ("Clouds",)),
    ]


def test_pptx(tmp_path: Path) -> None:
    document = read(write_pptx(tmp_path / "slides.pptx"))
    assert document.page_count == 2
    above = ("Photosynthesis",)
    assert document.blocks == [
        Block("Photosynthesis", HEADING_, 1),
        Block("Light goes in\nOxygen comes out", LIST, 1, above),
        Block("Ask who has a garden.", PARAGRAPH, 1, above),
        Block("Gas | Share", TABLE, 2),
    ]


def test_html(tmp_path: Path) -> None:
    document = read_text(
        tmp_path,
        "page.html",
        """<!doctype html><html><head><title>Bees &amp; flowers</title><style>p {}</style></head>
        <body><nav><a href="/">Home</a></nav>
        loose text <!-- a comment --> goes on<br>on two lines
        <h1>Bees</h1><div><p>A bee\n  is an <b>insect</b>.</p>
        <ul><li>worker<ul><li>guard</li></ul></li><li><p>queen</p></li></ul>
        <h2>Numbers</h2>
        <table><caption>Hives</caption><tr><th>Year</th><th>Hives</th></tr>
        <tr><td>2020</td><td>1<br>0</td></tr></table>
        <pre><code>if bee:\n    fly()\n</code></pre>
        <ol><li>look</li><li>fly</li></ol></div><script>alert(1)</script>
        <span><p>Inside a span.</p></span></body></html>""",
    )
    assert document.title == "Bees & flowers"
    above, deeper = ("Bees",), ("Bees", "Numbers")
    assert document.blocks == [
        Block("loose text goes on\non two lines", PARAGRAPH),
        Block("Bees", HEADING_),
        Block("A bee is an insect.", PARAGRAPH, None, above),
        Block("- worker\n  - guard\n- queen", LIST, None, above),
        Block("Numbers", HEADING_, None, above),
        Block("Hives\nYear | Hives\n2020 | 1 0", TABLE, None, deeper, header_lines=2),
        Block("if bee:\n    fly()", CODE_, None, deeper),
        Block("1. look\n2. fly", LIST, None, deeper),
        Block("Inside a span.", PARAGRAPH, None, deeper),
    ]


def test_html_lists_lose_nothing(tmp_path: Path) -> None:
    document = read_text(
        tmp_path,
        "lists.html",
        "<ul><li>one</li><ul><li>deeper</li></ul>loose <b>text</b></ul>"
        "<dl><div><dt>word</dt><dd>what it means</dd></div></dl>",
    )
    assert [block.text for block in document.blocks] == [
        "- one\n  - deeper\ntext",
        "word\n  what it means",
    ]


def test_html_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset={}"><p>Größe, größer'
    for encoding in ("latin-1", "utf-8", "koi8-r"):
        text = "Größe, größer" if encoding != "koi8-r" else "длина"
        source = page.format(encoding).replace("Größe, größer", text)
        document = read_text(tmp_path, "a.html", source.encode(encoding))
        assert [block.text for block in document.blocks] == [text]
    document = read_text(tmp_path, "a.html", page.format("no-such").encode("utf-8"))
    assert [block.text for block in document.blocks] == ["Größe, größer"]


@pytest.mark.parametrize(("name", "codec"), [
    ("latin1", "cp1252"), ("ISO-8859-1", "cp1252"), ("US-ASCII", "cp1252"), ("x-sjis", "cp932"),
    ("Windows-874", "cp874"), ("gb2312", "gb18030"), ("ks_c_5601-1987", "cp949"),
    ("utf8", "utf_8"), ("UTF-16LE", "utf_16_le"), ("koi8-r", "koi8_r"), ("macintosh", "mac_roman"),
    ("punycode", None), ("idna", None), ("utf-7", None), ("unicode_escape", None), ("hex", None),
    ("raw-unicode-escape", None), ("base64", None), ("rot13", None), ("", None), ("no-such", None),
    ("os.path", None),
])  # fmt: skip
def test_the_names_of_encodings(name: str, codec: str | None) -> None:
    assert codec_of(name) == codec


def test_each_encoding_that_is_read_is_fast() -> None:
    data = b"abc \x81 def" * 200_000
    before = process_time()
    for name in _READ:
        data.decode(name, "replace")
    assert process_time() - before < 10


@pytest.mark.parametrize("kind", ["html", "webpage"])
def test_a_page_can_name_no_encoding_that_no_page_is_in(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    # As punycode it takes minutes: each letter after the last hyphen is put into the text.
    path.write_text(f'<meta charset="punycode"><p>It is large.</p><!--{"a" * 1_000_000}')
    with parser_process(seconds=20) as parser:
        document = parser.parse(path, path.name)
    assert document.blocks[0].text == "It is large."


def test_xhtml_elements_that_end_at_once(tmp_path: Path) -> None:
    document = read_text(
        tmp_path,
        "page.xhtml",
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        '<title/><script src="a.js"/></head><body><a id="x"/><p>Text<br/>and more.</p></body>'
        "</html>",
    )
    assert (document.title, [block.text for block in document.blocks]) == (
        "page",
        ["Text\nand more."],
    )


def test_markdown(tmp_path: Path) -> None:
    document = read_text(
        tmp_path,
        "notes.md",
        "---\nlayout: page\n---\n# Moons\n\nMars has *two* moons.\r\n\n"
        "| Moon | km |\n|---|---|\n| Phobos | 22 |\n\n```python\norbit(\n    'Mars')\n```\n\n"
        "- far\n- near\n",
    )
    above = ("Moons",)
    assert document.title == "Moons"
    assert document.blocks == [
        Block("Moons", HEADING_),
        Block("Mars has two moons.", PARAGRAPH, None, above),
        Block("Moon | km\nPhobos | 22", TABLE, None, above),
        Block("orbit(\n    'Mars')", CODE_, None, above),
        Block("- far\n- near", LIST, None, above),
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"], ids=lambda name: name
)
def test_text_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "Früh am Morgen gehen die Schüler über die Brücke.\n\nDie Straße ist noch naß."
    document = read_text(tmp_path, "morgen.txt", text.encode(encoding))
    assert [block.text for block in document.blocks] == text.split("\n\n")
    assert document.title == "morgen"


def test_what_is_not_text_is_left_out(tmp_path: Path) -> None:
    document = read_text(tmp_path, "odd.txt", "a\x01b\x7fc\ufeffd\u00a0e\x0bf")
    assert [block.text for block in document.blocks] == ["abcd e\nf"]


def test_a_document_survives_json(tmp_path: Path) -> None:
    document = read(write_docx(tmp_path / "water.docx"))
    assert ParsedDocument.from_json(document.as_json()) == document
