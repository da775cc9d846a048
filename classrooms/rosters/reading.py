"""A roster's file, whatever program wrote it."""

from pathlib import PurePath

from classrooms.rosters.rows import RosterRow, file_error, rows_of
from classrooms.rosters.spreadsheet import read_spreadsheet
from classrooms.rosters.text import read_text
from config import limits
from config.errors import TooLarge

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What files begin with that people give the name .csv by mistake.
_OTHERS = (b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"{\\rtf", b"\x1f\x8b", b"<!doctype html")


def check_roster(head: bytes, size: int, filename: str) -> None:
    """Refuse what can be told by the first bytes: TooLarge, or InvalidInput with `file`."""
    if size > limits.ROSTER_MAX_BYTES:
        raise TooLarge(f"A roster may have {limits.ROSTER_MAX_BYTES // limits.MIB} MiB.")
    if size == 0:
        raise file_error("The file is empty.")
    if head.startswith(_OLE):
        raise file_error(
            "Excel files of the old kind (.xls) or with a password can't be read: "
            "save it as .xlsx without one."
        )
    if head.lower().startswith(_OTHERS):
        raise file_error("This is neither a CSV nor an Excel file (.xlsx).")
    if PurePath(filename).suffix.lower() == ".xlsm":
        raise file_error("The file has macros: save it as .xlsx without them.")


def read_roster(data: bytes, filename: str) -> list[RosterRow]:
    """The people in a CSV or XLSX file; what it is, its content decides.

    Raises InvalidInput with `file` when it is no roster, TooLarge when it is too large.
    """
    check_roster(data[:64], len(data), filename)
    table = read_spreadsheet(data) if data.startswith(_ZIP) else read_text(data)
    return rows_of(table)
