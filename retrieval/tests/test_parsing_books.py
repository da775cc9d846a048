"""EPUB books: the chapters as web pages, in the order of reading."""

from pathlib import Path

import pytest

from retrieval.parsing.document import Block, BlockKind
from retrieval.parsing.errors import Corrupt, DocumentTooLarge, EmptyDocument, Encrypted
from retrieval.tests.files import EPUB_CONTAINER, LAUGHS, with_entry, write_epub
from retrieval.tests.test_parsing import read

PAGE = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
    '<head><title/><script src="x.js"/></head><body><a id="top"/>{}</body></html>'
)
CHAPTERS = {
    "two words.xhtml": PAGE.format("<h1>Late</h1><p>The end&nbsp;comes.</p>"),
    "one.xhtml": PAGE.format("<h1>Early</h1><p>It begins.</p><pre>x = 1\n  y</pre>"),
}


def encryption(algorithm: str) -> dict[str, str]:
    return {
        "META-INF/encryption.xml": '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
        f'<e:EncryptedData><e:EncryptionMethod Algorithm="{algorithm}"/></e:EncryptedData>'
        "</encryption>"
    }


def test_chapters_in_the_order_of_reading(tmp_path: Path) -> None:
    document = read(write_epub(tmp_path / "b.epub", CHAPTERS, title="Early &amp; late"))
    assert (document.title, document.page_count, document.warnings) == ("Early & late", None, [])
    assert document.blocks == [
        Block("Early", BlockKind.HEADING),
        Block("It begins.", BlockKind.PARAGRAPH, None, ("Early",)),
        Block("x = 1\n  y", BlockKind.CODE, None, ("Early",)),
        Block("Late", BlockKind.HEADING),
        Block("The end comes.", BlockKind.PARAGRAPH, None, ("Late",)),
    ]


def test_protected_books_are_refused_and_scrambled_fonts_are_not(tmp_path: Path) -> None:
    locked = encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    with pytest.raises(Encrypted, match="DRM"):
        read(write_epub(tmp_path / "a.epub", CHAPTERS, more=locked))
    fonts = encryption("http://www.idpf.org/2008/embedding")
    assert read(write_epub(tmp_path / "b.epub", CHAPTERS, more=fonts)).blocks


def test_a_missing_chapter_is_a_warning(tmp_path: Path) -> None:
    whole = write_epub(tmp_path / "a.epub", {"one.xhtml": CHAPTERS["one.xhtml"]})
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="text/one.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="../../../etc/passwd" media-type="application/xhtml+xml"/>'
        '</manifest><spine><itemref idref="a"/><itemref idref="b"/><itemref idref="zz"/></spine>'
        "</package>"
    )
    document = read(with_entry(tmp_path / "b.epub", whole, "OEBPS/book.opf", package.encode()))
    assert document.title == "b"
    assert document.warnings == ["1 of 2 chapters are missing in the file"]


def test_entities_are_neither_unfolded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    head = f'<!DOCTYPE package [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    book = write_epub(tmp_path / "a.epub", CHAPTERS, title="&x;", head=head)
    assert "hidden" not in read(book).title
    laughs = f'<!DOCTYPE package [<!ENTITY l0 "ha">{LAUGHS}]>'
    with pytest.raises(Corrupt):
        read(write_epub(tmp_path / "b.epub", CHAPTERS, title="&l11;", head=laughs))
    for n, start in enumerate((head, laughs)):
        page = start.replace("package", "html") + PAGE.format("<p>&x;&l11; text</p>")
        blocks = read(write_epub(tmp_path / f"{n}.epub", {"a.xhtml": page})).blocks
        text = "".join(block.text for block in blocks)
        assert "hidden" not in text
        assert "haha" not in text


def test_a_book_without_its_parts(tmp_path: Path) -> None:
    whole = write_epub(tmp_path / "a.epub", CHAPTERS)
    empty = EPUB_CONTAINER.replace("book.opf", "gone.opf").encode()
    with pytest.raises(Corrupt, match="part that every book has"):
        read(with_entry(tmp_path / "b.epub", whole, "META-INF/container.xml", empty))
    with pytest.raises(Corrupt, match="where the book begins"):
        read(with_entry(tmp_path / "c.epub", whole, "META-INF/container.xml", b"<container/>"))
    with pytest.raises(EmptyDocument):
        read(write_epub(tmp_path / "d.epub", {}))
    many = {f"{n}.xhtml": "" for n in range(51)}
    with pytest.raises(DocumentTooLarge, match="51 chapters"):
        read(write_epub(tmp_path / "e.epub", many))
