"""Rosters as XLSX: the first sheet's values."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from classrooms.rosters.rows import file_error
from config import limits

_MACROS = "vbaproject.bin"


def read_spreadsheet(data: bytes) -> Iterator[list[str]]:
    """The rows of the first sheet, empty ones too; a formula's is the value it was saved with."""
    _check(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception:  # a damaged file fails in openpyxl in any of many ways
        raise _damaged() from None
    try:
        if not book.worksheets:
            raise file_error("The workbook has no sheet.")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # programs write wrong ones
        rows = sheet.iter_rows(max_col=limits.ROSTER_MAX_COLUMNS, values_only=True)
        while True:
            try:
                cells = next(rows, None)
            except Exception:
                raise _damaged() from None
            if cells is None:
                return
            yield [_text(cell) for cell in cells]
    finally:
        book.close()


def _check(data: bytes) -> None:
    """Refuse what openpyxl should not even open.

    The sizes that a ZIP file declares can be trusted here: Python reads no more of an entry
    than it declares.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _damaged() from None
    names = {entry.filename.lower() for entry in entries}
    if not any(name.startswith("xl/") for name in names):
        raise file_error("This is not an Excel file: save the roster as .xlsx or .csv.")
    if any(name.endswith(_MACROS) for name in names):
        raise file_error("The file has macros: save it as .xlsx without them.")
    if sum(entry.file_size for entry in entries) > limits.ROSTER_MAX_UNPACKED:
        raise file_error("The file unpacks to more than a roster has: save the sheet as .csv.")


def _damaged() -> Exception:
    return file_error("The Excel file is damaged: save it again as .xlsx, or as .csv.")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)
