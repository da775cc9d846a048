"""Word documents: headings by style, paragraphs, lists, code and tables, in order.

A Word file has no pages: they exist only where a program lays it out.
"""

import re
from pathlib import Path

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from retrieval.parsing.builder import BlockBuilder, one_line, table_text
from retrieval.parsing.document import BlockKind, ParsedDocument

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_CODE = re.compile(r"code|preformatted|macro text", re.IGNORECASE)


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    document = Document(str(path))
    builder = BlockBuilder()
    run: list[str] = []
    run_kind = BlockKind.PARAGRAPH

    def flush() -> None:
        builder.add("\n".join(run), run_kind)
        run.clear()

    for item in document.iter_inner_content():
        if isinstance(item, Table):
            flush()
            builder.add(_table(item), BlockKind.TABLE)
            continue
        level = _heading_level(item)
        kind = _kind(item)
        # Items of a list and lines of code are paragraphs of their own in Word.
        if level is not None or kind is not run_kind or kind is BlockKind.PARAGRAPH:
            flush()
        if level is not None:
            builder.heading(item.text, level)
        else:
            run_kind = kind
            run.append(f"- {one_line(item.text)}" if kind is BlockKind.LIST else item.text)
    flush()
    return ParsedDocument(one_line(document.core_properties.title or "") or title, builder.blocks)


def _heading_level(paragraph: Paragraph) -> int | None:
    """1 to 9; 1 also for the title, which stands above the rest."""
    name = _style(paragraph)
    if name.lower() == "title":
        return 1
    found = _HEADING.match(name)
    return int(found[1]) if found else None


def _kind(paragraph: Paragraph) -> BlockKind:
    name = _style(paragraph)
    properties = paragraph._p.pPr
    if name.lower().startswith("list") or (properties is not None and properties.numPr is not None):
        return BlockKind.LIST if paragraph.text.strip() else BlockKind.PARAGRAPH
    return BlockKind.CODE if _CODE.search(name) else BlockKind.PARAGRAPH


def _style(paragraph: Paragraph) -> str:
    return (paragraph.style.name if paragraph.style is not None else None) or ""


def _table(table: Table) -> str:
    rows = []
    for row in table.rows:
        # A merged cell is given once for every cell that it covers.
        cells = {id(cell._tc): cell.text for cell in row.cells}
        rows.append(list(cells.values()))
    return table_text(rows)
