"""What a roster's file holds, before anything is known of the people in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from config import limits
from config.errors import InvalidInput

COLUMNS = ("email", "name", "role")
_SPACING = re.compile(r"[\s_-]+")
# A spreadsheet takes a cell that begins with one of these for a formula; and one that cuts the
# text elsewhere than we do takes what follows a separator for the beginning of a cell.
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_FORMULA = re.compile(_BEGINS + r"(?='*[=+\-@\t\r])")
_ESCAPED = re.compile(_BEGINS + r"'(?='*[=+\-@\t\r])")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A row with something in it; `row` is its number in the file, the header's is 1."""

    row: int
    email: str
    name: str
    role: str
    extra: str = ""  # what stands beyond the columns


def file_error(detail: str) -> InvalidInput:
    """The error of a file that is no roster as a whole."""
    return InvalidInput(errors={"file": [detail]}, code="invalid_roster")


def rows_of(table: Iterable[Sequence[str]]) -> list[RosterRow]:
    """The rows of a table whose first row that is not empty names the columns."""
    columns: dict[int, str] | None = None
    found: list[RosterRow] = []
    for number, cells in _filled(table):
        if columns is None:
            columns = _columns(cells)
            continue
        if len(found) == limits.ROSTER_MAX_ROWS:
            raise file_error(f"The file has more than {limits.ROSTER_MAX_ROWS} rows.")
        values = dict.fromkeys(COLUMNS, "")
        values |= {name: _cell(cells, index) for index, name in columns.items()}
        extra = [cell for index, cell in enumerate(cells) if index not in columns and cell]
        found.append(RosterRow(row=number, extra=", ".join(extra)[:100], **values))
    if columns is None:
        raise file_error("The file is empty.")
    if not found:
        raise file_error("There is no row below the header.")
    return found


def escaped(value: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run as a formula.

    So is a text that has such an apostrophe already: `unescaped` gives each back as it was.
    """
    return _FORMULA.sub("'", value)


def unescaped(value: str) -> str:
    """What `escaped` was given."""
    return _ESCAPED.sub("", value)


def _filled(table: Iterable[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(table, 1):
        if number > limits.ROSTER_MAX_SCANNED:
            raise file_error(f"The file has more than {limits.ROSTER_MAX_SCANNED} lines.")
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield number, stripped


def _columns(header: list[str]) -> dict[int, str]:
    """Index → name of our columns; they may be in any order, case and spacing."""
    found: dict[int, str] = {}
    unknown = []
    for index, cell in enumerate(header):
        name = _SPACING.sub("", cell).lower()
        if not name:
            continue
        if name not in COLUMNS:
            unknown.append(cell if len(cell) <= 50 else f"{cell[:50]}…")
        elif name in found.values():
            raise file_error(f"The column {name} is there twice.")
        else:
            found[index] = name
    wanted = "The first row names the columns: email, and if you like name and role."
    if "email" not in found.values():
        raise file_error(f"There is no column email. {wanted}")
    if unknown:
        raise file_error(f"Unknown columns: {', '.join(unknown[:5])}. {wanted}")
    return found


def _cell(cells: list[str], index: int) -> str:
    return unescaped(cells[index]) if index < len(cells) else ""
