"""Reading pages as their servers give them: main text, structure, topic."""

from pathlib import Path

import pytest

from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import EmptyDocument
from retrieval.parsing.sandbox import ParserProcess
from retrieval.parsing.webpage import parse

ARTICLE = """<!doctype html><html lang="de"><head><title>Gezeiten – Schule am Meer</title>{head}</head>
<body><nav><a href="/">Start</a> <a href="/x">Anderes</a></nav><div class="cookie">Wir setzen
Cookies ein. Alle annehmen.</div><main><article><h1>Gezeiten</h1>
<p>Der Mond zieht das Meer zweimal am Tag an, und das Wasser steigt. Das ist die <b>Flut</b>.</p>
<h2>Ursachen</h2><p>Die Gravitation von Mond und Sonne wirkt auf das Wasser der Erde.</p>
<ul><li>Der Mond<ul><li>nah</li></ul></li><li>Die Sonne</li></ul>
<h3>Tabelle</h3><table><tr><th>Ort</th><th>Hub</th></tr><tr><td>Hamburg</td><td>3,6 m</td></tr></table>
<pre><code>def tide(t):
    return sin(t)
</code></pre><h2>Folgen</h2><p>Schiffe warten auf das Hochwasser, bevor sie einlaufen.</p></article>
</main><aside>Werbung: kaufen Sie jetzt</aside><footer>Impressum und Datenschutz</footer></body></html>
"""  # noqa: E501 - a page
CRUMBS = """<script type="application/ld+json">{"@context": "https://schema.org",
"@type": "BreadcrumbList", "itemListElement": [
{"@type": "ListItem", "position": 3, "name": "Gezeiten"},
{"@type": "ListItem", "position": 1, "name": "Start"},
{"@type": "ListItem", "position": 2, "item": {"@id": "/o", "name": "Ozeane"}}]}</script>"""


def read(path: Path, text: str | bytes) -> ParsedDocument:
    page = path / "page.webpage"
    page.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse(page, "page", 100)


def test_the_main_text_with_its_structure(tmp_path: Path) -> None:
    found = read(tmp_path, ARTICLE.format(head='<link rel="canonical" href="/gezeiten">'))
    assert found.title == "Gezeiten"
    assert found.metadata == {"canonical": "/gezeiten", "language": "de", "topic": "Gezeiten"}
    by_kind = {block.kind: block for block in found.blocks}
    assert by_kind[BlockKind.TABLE].text == "Ort | Hub\nHamburg | 3,6 m"
    assert by_kind[BlockKind.TABLE].headings == ("Gezeiten", "Ursachen", "Tabelle")
    assert by_kind[BlockKind.LIST].text == "- Der Mond\n  - nah\n- Die Sonne"
    assert by_kind[BlockKind.CODE].text == "def tide(t):\n    return sin(t)"
    assert by_kind[BlockKind.PARAGRAPH].headings == ("Gezeiten", "Folgen")
    text = "\n".join(block.text for block in found.blocks)
    assert "Das ist die Flut." in text
    for noise in ("Cookies", "Werbung", "Impressum", "Anderes"):
        assert noise not in text


@pytest.mark.parametrize(("head", "topic"), [
    ('<meta property="article:section" content="Meereskunde">' + CRUMBS, "Meereskunde"),
    (CRUMBS, "Ozeane"),
    ('<script type="application/ld+json">{"@graph": [' + CRUMBS[35:-9] + "]}</script>", "Ozeane"),
    ('<meta name="keywords" content="Mond, Ebbe">', "Mond"),
    ('<meta property="article:section" content="Blog"><meta name="keywords" content=" , Ebbe">',
     "Ebbe"),
    (f'<meta property="article:section" content="{"x" * 201}">', "Gezeiten"),
    ('<script type="application/ld+json">{"@type": "BreadcrumbList", "itemListElement": [1, 2, '
     '{"name": 3}]}</script><script type="application/ld+json">[[[no json</script>', "Gezeiten"),
    ("", "Gezeiten"),
])  # fmt: skip
def test_the_topic_is_what_the_page_says_of_itself(tmp_path: Path, head: str, topic: str) -> None:
    assert read(tmp_path, ARTICLE.format(head=head)).metadata["topic"] == topic


def test_a_page_without_a_main_text_is_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path, "<p>Short.</p>")
    assert [block.text for block in found.blocks] == ["Short."]
    assert found.title == ""
    for nothing in ("", "  ", "<html></html>", "<script>x</script>"):
        try:
            assert read(tmp_path, nothing).blocks == []
        except EmptyDocument:
            continue


def test_the_mark_of_utf_8_counts_more_than_what_the_page_says(tmp_path: Path) -> None:
    declared = '<?xml version="1.0" encoding="iso-8859-1"?><html><meta charset="iso-8859-1">'
    page = f"{declared}<p>Größe.</p>"
    assert read(tmp_path, b"\xef\xbb\xbf" + page.encode()).blocks[0].text == "Größe."
    assert read(tmp_path, page.encode("latin-1")).blocks[0].text == "Größe."


def test_in_the_limited_process(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(ARTICLE.format(head=""))
    limits = {"memory_mb": 2048, "seconds": 60, "max_bytes": 10**6, "max_pages": 10}
    with ParserProcess(**limits) as parser:
        assert parser.parse(path, "page.webpage").metadata["language"] == "de"
        # Deep nesting ends in an answer, whichever.
        path.write_text("<div>" * 50_000 + "deep" + "</div>" * 50_000)
        try:
            assert parser.parse(path, "page.webpage").blocks
        except Exception as error:
            assert type(error).__module__ == "retrieval.parsing.errors"
