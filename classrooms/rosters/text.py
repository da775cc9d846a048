"""Rosters as text: CSV with commas, semicolons or tabs, in the encodings that programs write."""

import codecs
import csv
import io
from collections.abc import Iterator

from charset_normalizer import from_bytes

from classrooms.rosters.rows import COLUMNS, file_error

_DELIMITERS = (",", ";", "\t")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Windows writes where it does not write UTF-8: West, Central Europe, Cyrillic, Greek.
_WINDOWS = ("cp1252", "cp1250", "cp1251", "cp1253")
_HEAD = 4096


def read_text(data: bytes) -> Iterator[list[str]]:
    """The rows of a CSV file, empty ones too."""
    text = _decode(data)
    if "\x00" in text:
        raise file_error("This is not a CSV file: it has bytes that no text has.")
    separator, _, rest = text.partition("\n")
    # Excel's own first line; it is no row of the table, but one of the file.
    separator = separator.strip("\r\n")
    named = len(separator) == 5 and separator.lower().startswith("sep=")
    delimiter = separator[4] if named else _delimiter(text)
    if named:
        yield []
    reader = csv.reader(
        io.StringIO(rest if named else text, newline=""), delimiter=delimiter, strict=True
    )
    number = 2 if named else 1
    try:
        for cells in reader:
            yield cells
            number += 1
    except csv.Error as error:
        raise file_error(f"Row {number} can't be read: {error}.") from None


def _decode(data: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    head = data[:_HEAD]
    if encoding is None and head.count(0) * 4 >= len(head):
        # UTF-16 without its mark: of an address every second byte is 0.
        encoding = "utf-16-le" if b"\x00" in data[1:_HEAD:2] else "utf-16-be"
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise file_error("The text is damaged: save the file as UTF-8.") from None
    return _decode_windows(data)


def _decode_windows(data: bytes) -> str:
    best = from_bytes(data, cp_isolation=list(_WINDOWS)).best()
    for name in (best.encoding if best else "cp1252", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise file_error("The file's encoding is not known: save it as UTF-8.")


def _delimiter(text: str) -> str:
    """The one that finds the most of our columns in the header."""
    lines = (line for line in io.StringIO(text[:_HEAD]) if line.strip(" \t\r\n,;"))
    header = next(lines, "").lower()

    def columns(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip(' \t\r\n"') for cell in header.split(delimiter)]
        return sum(cell.replace("-", "") in COLUMNS for cell in cells), len(cells)

    return max(_DELIMITERS, key=columns)
