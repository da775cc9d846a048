"""Excel workbooks: every sheet is a table under its name, with the values last calculated."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook, load_workbook

from retrieval.parsing.builder import BlockBuilder, one_line, table_text
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import DocumentTooLarge

# A sheet has room for 17,000 million cells, and says so in a few bytes. Empty ones that are
# gone through count, too.
MAX_CELLS = 5_000_000


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    # By its content: given a path the library wants a name that ends like a workbook's.
    with path.open("rb") as source:
        workbook = load_workbook(source, read_only=True, data_only=True, keep_links=False)
        try:
            return _read(workbook, title)
        finally:
            workbook.close()


def _read(workbook: Workbook, title: str) -> ParsedDocument:
    builder = BlockBuilder()
    hidden, left = 0, MAX_CELLS
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            hidden += 1
            continue
        sheet.reset_dimensions()  # what the file says of them may be a lie
        rows = []
        for row in sheet.iter_rows(values_only=True):
            left -= len(row) + 1
            if left < 0:
                raise DocumentTooLarge(f"The file has more than {MAX_CELLS:,} cells")
            if cells := _trimmed(row):
                rows.append(cells)
        if rows:
            builder.heading(sheet.title, 1)
            builder.add(table_text(rows), BlockKind.TABLE)
    title = one_line(workbook.properties.title or "") or title
    warnings = [f"Hidden sheets were not read: {hidden}"] if hidden else []
    return ParsedDocument(title, builder.blocks, warnings=warnings)


def _trimmed(row: Iterable[object]) -> list[str]:
    """The cells of a row as text, without the empty ones at its end."""
    cells = list(_texts(row))
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _texts(row: Iterable[object]) -> Iterator[str]:
    for value in row:
        if value is None:
            yield ""
        elif isinstance(value, bool):
            yield "yes" if value else "no"
        elif isinstance(value, float):
            yield f"{value:.15g}"  # as many digits as Excel has
        elif isinstance(value, datetime):
            whole_day = value.time() == time()
            yield value.date().isoformat() if whole_day else value.isoformat(" ", "seconds")
        elif isinstance(value, date | time):
            yield value.isoformat()
        else:
            yield str(value)
