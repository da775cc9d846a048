"""Makes the PDF and DOCX files of the demo's material from their Markdown sources.

    python -m config.demo.make_material

For developers, after a change of the text: the files are committed, because reportlab is not
among the packages that the platform itself needs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from docx import Document
from docx.text.paragraph import Paragraph as WordParagraph
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    ListFlowable,
    Paragraph,
    Preformatted,
    SimpleDocTemplate,
    Table,
    TableStyle,
)

from config.demo.classes import CLASSES
from config.demo.plan import MATERIAL

_CODE_FONT = "Courier New"
_CODE = re.compile("`([^`]+)`")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    """A block of a document: its kind, heading level, text, or rows of cells.

    Code within a text stands between backticks, as in its source.
    """

    kind: str  # "heading", "paragraph", "code", "list", "table"
    level: int = 0
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def parts_of(source: str) -> Iterator[Part]:
    """The blocks of a Markdown text, in order."""
    tokens = iter(MarkdownIt("commonmark").enable("table").parse(source))
    for token in tokens:
        if token.type == "heading_open":
            yield Part("heading", int(token.tag[1]), _inline(next(tokens)))
        elif token.type == "paragraph_open":
            yield Part("paragraph", text=_inline(next(tokens)))
        elif token.type == "fence":
            yield Part("code", text=token.content.rstrip("\n"))
        elif token.type == "ordered_list_open":
            yield Part("list", rows=tuple((text,) for text in _texts(tokens, "ordered_list_close")))
        elif token.type == "table_open":
            yield Part("table", rows=_rows(tokens))


def _inline(token: Token) -> str:
    return token.content


def _texts(tokens: Iterator[Token], end: str) -> Iterator[str]:
    for token in tokens:
        if token.type == end:
            return
        if token.type == "inline":
            yield _inline(token)


def _rows(tokens: Iterator[Token]) -> tuple[tuple[str, ...], ...]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    return tuple(tuple(row) for row in rows)


def pdf_make(parts: list[Part], target: Path) -> None:
    """Write the blocks as a PDF of A4 pages with page numbers."""
    styles = getSampleStyleSheet()
    body, listing = styles["BodyText"], styles["Code"]
    body.fontSize, body.leading = 11, 14
    listing.fontSize, listing.leading, listing.spaceBefore, listing.spaceAfter = 9, 11, 6, 8
    grid = TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    story: list[Flowable] = []
    for part in parts:
        if part.kind == "heading":
            story.append(Paragraph(escape(part.text), styles[f"Heading{part.level}"]))
        elif part.kind == "paragraph":
            story.append(Paragraph(_markup(part.text), body))
        elif part.kind == "code":
            story.append(KeepTogether(Preformatted(part.text, listing)))
        elif part.kind == "list":
            items = [Paragraph(_markup(text), body) for (text,) in part.rows]
            story.append(ListFlowable(items))
        else:
            cells = [[Paragraph(_markup(cell), body) for cell in row] for row in part.rows]
            story.append(Table(cells, style=grid, spaceBefore=6, spaceAfter=6))
    document = SimpleDocTemplate(
        str(target),
        pagesize=A4,
        leftMargin=2.5 * cm,
        rightMargin=2.5 * cm,
        title=parts[0].text,
        author="Lectern demo school",
        invariant=1,
    )
    document.build(story, onFirstPage=_number, onLaterPages=_number)


def _markup(text: str) -> str:
    return _CODE.sub(r'<font face="Courier">\1</font>', escape(text, quote=False))


def _number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.drawCentredString(A4[0] / 2, 1.2 * cm, str(canvas.getPageNumber()))


def docx_make(parts: list[Part], target: Path) -> None:
    """Write the blocks as a DOCX with Word's own headings and tables."""
    document = Document()
    for part in parts:
        if part.kind == "heading":
            document.add_heading(part.text, level=part.level)
        elif part.kind == "paragraph":
            _write_text(document.add_paragraph(), part.text)
        elif part.kind == "code":
            document.add_paragraph().add_run(part.text).font.name = _CODE_FONT
        elif part.kind == "list":
            for (text,) in part.rows:
                _write_text(document.add_paragraph(style="List Number"), text)
        else:
            table = document.add_table(rows=0, cols=len(part.rows[0]), style="Table Grid")
            for row in part.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    _write_text(cell.paragraphs[0], text)
    about = document.core_properties
    about.title, about.author = parts[0].text, "Lectern demo school"
    about.created = about.modified = _EPOCH
    document.save(str(target))


def _write_text(paragraph: WordParagraph, text: str) -> None:
    # What stands between backticks has the odd places.
    for place, piece in enumerate(_CODE.split(text)):
        run = paragraph.add_run(piece)
        if place % 2:
            run.font.name = _CODE_FONT


MAKERS = {".pdf": pdf_make, ".docx": docx_make}


def main() -> None:
    """Make every PDF and DOCX that the classes name."""
    for plan in CLASSES:
        for name in plan.documents:
            target = MATERIAL / plan.folder / name
            if target.suffix in MAKERS:
                source = target.with_suffix(".md").read_text(encoding="utf-8")
                MAKERS[target.suffix](list(parts_of(source)), target)


if __name__ == "__main__":
    main()
