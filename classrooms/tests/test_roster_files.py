"""Reading rosters: encodings, delimiters, headers, spreadsheets, and what is no roster at all."""

import datetime
import tracemalloc

import pytest

from classrooms.rosters.rows import escaped, unescaped
from classrooms.tests.roster_files import HEADER, csv_bytes, repacked, rows, xlsx_bytes
from config import limits
from config.errors import InvalidInput, TooLarge

ADA = (2, "ada@school.test", "Ada Löwe", "student")


def why(data: bytes, name: str = "roster.csv") -> str:
    with pytest.raises(InvalidInput) as caught:
        rows(data, name)
    assert set(caught.value.errors) == {"file"}
    return str(caught.value)


# --- Text ---


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings(encoding: str) -> None:
    assert rows(csv_bytes("ada@school.test,Ada Löwe,student", encoding=encoding)) == [ADA]


def test_windows_encodings_of_other_alphabets() -> None:
    names = ("Екатерина Иванова", "Дмитрий Соколов", "Ольга Кузнецова", "Алексей Попов")
    lines = [f"p{n}@school.test,{name}," for n, name in enumerate(names)]
    assert [row[2] for row in rows(csv_bytes(*lines, encoding="cp1251"))] == list(names)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    line = delimiter.join(["ada@school.test", "Ada Löwe", "student"])
    header = delimiter.join(HEADER)
    assert rows(csv_bytes(line, header=header)) == [ADA]
    assert rows(csv_bytes(line, header=f"\r\n{header}")) == [(3, *ADA[1:])]
    assert rows(csv_bytes(header, line, header=f"sep={delimiter}")) == [(3, *ADA[1:])]


def test_a_name_with_the_delimiter_quotes_and_lines() -> None:
    data = csv_bytes('a@b.de,"Lovelace, ""Ada""\nCountess",', "c@d.de,Next,")
    assert rows(data) == [
        (2, "a@b.de", 'Lovelace, "Ada"\nCountess', ""),
        (3, "c@d.de", "Next", ""),
    ]


@pytest.mark.parametrize(
    "header", ["E-Mail,NAME,Role", " email , Name ,role,,", '"Email","name","role"']
)
def test_headers_in_any_spelling_and_order(header: str) -> None:
    assert rows(csv_bytes("ada@school.test,Ada Löwe,student", header=header)) == [ADA]


def test_columns_in_another_order_or_left_out() -> None:
    assert rows(csv_bytes("Ada,a@b.de", header="name;email".replace(";", ","))) == [
        (2, "a@b.de", "Ada", "")
    ]
    assert rows(csv_bytes("a@b.de", "c@d.de", header="email")) == [
        (2, "a@b.de", "", ""),
        (3, "c@d.de", "", ""),
    ]


def test_empty_lines_are_skipped_and_counted() -> None:
    assert [row[0] for row in rows(csv_bytes("", "a@b.de,,", ",,", "  ", "c@d.de,,"))] == [3, 6]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (csv_bytes(), "no row below"),
        (csv_bytes("Ada", header="name"), "no column email"),
        (csv_bytes("a@b.de,Ada,", header="a@b.de,Ada,"), "no column email"),
        (csv_bytes("a@b.de,9", header="email,grade"), "Unknown columns: grade"),
        (csv_bytes("a@b.de,a@b.de", header="email,E-Mail"), "there twice"),
        (csv_bytes('a@b.de,"Ada'), "Row 2 can't be read"),
        (csv_bytes('a@b.de,"Ada"x,'), "Row 2 can't be read"),
        (b"email\nx\x00y@b.de\n\xff", "bytes that no text has"),
        ("email\nx@b.de".encode("utf-16") + b"\x00", "text is damaged"),
        (b"%PDF-1.7\n", "neither a CSV"),
        (b"\x89PNG\r\n\x1a\n", "neither a CSV"),
        (b"<!DOCTYPE html><table>", "neither a CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx"),
        (b"PK\x03\x04nonsense", "damaged"),
    ],
)
def test_what_is_no_roster(data: bytes, words: str) -> None:
    assert words in why(data)


def test_nul_is_told() -> None:
    assert "bytes that no text has" in why(csv_bytes("a@b.de,A\x00da,", encoding="utf-16"))
    with pytest.raises(InvalidInput):
        rows(csv_bytes("a@b.de,A\x00da,"))


def test_how_large_it_may_be() -> None:
    lines = [f"p{n}@school.test,," for n in range(limits.ROSTER_MAX_ROWS)]
    assert len(rows(csv_bytes(*lines))) == limits.ROSTER_MAX_ROWS
    assert "5000 rows" in why(csv_bytes(*lines, "one@more.de,,"))
    with pytest.raises(TooLarge):
        rows(b"email\n" + b"\n" * limits.ROSTER_MAX_BYTES)


# --- Spreadsheets ---


def test_a_spreadsheet() -> None:
    data = xlsx_bytes([("ada@school.test", "Ada Löwe", "student"), (None, None), ("c@d.de",)])
    assert rows(data, "roster.xlsx") == [ADA, (4, "c@d.de", "", "")]
    assert rows(data, "roster.csv") == rows(data, "x")  # its content says what it is


def test_cells_that_are_no_text() -> None:
    day = datetime.date(2026, 9, 1)
    data = xlsx_bytes([(17, 3.0, True), (4.5, day, None), ("a@b.de", "=1+1", "=A1")])
    assert rows(data) == [
        (2, "17", "3", "True"),
        (3, "4.5", "2026-09-01T00:00:00", ""),
        (4, "a@b.de", "", ""),  # openpyxl saves no values of formulas
    ]


def test_a_spreadsheet_with_macros() -> None:
    plain = xlsx_bytes([("a@b.de",)])
    assert "macros" in why(repacked(plain, xl__vbaProject_xbin=b"x"), "roster.xlsx")
    assert "macros" in why(plain, "roster.xlsm")


def test_a_zip_that_is_no_spreadsheet() -> None:
    assert "not an Excel file" in why(repacked(b"PK\x05\x06" + bytes(18), word__document_xxml=b"x"))


def test_a_spreadsheet_that_is_damaged() -> None:
    plain = xlsx_bytes([("a@b.de",)])
    assert "damaged" in why(repacked(plain, xl__worksheets__sheet1_xxml=b"<worksheet><sheetData>"))
    assert "damaged" in why(repacked(plain, xl__workbook_xxml=b"no"))
    assert "damaged" in why(plain[:-40])


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = repacked(xlsx_bytes([("a@b.de",)]), xl__sharedStrings_xxml=bytes(200 * limits.MIB))
    assert len(bomb) < limits.ROSTER_MAX_BYTES
    tracemalloc.start()
    assert "unpacks to more" in why(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * limits.MIB


def test_a_sheet_that_says_its_row_is_a_billion_lines_down() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    plain = xlsx_bytes([("a@b.de",)])
    assert "lines" in why(repacked(plain, xl__worksheets__sheet1_xxml=sheet))


# --- Formulas ---


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "'=1", "''=1", "'t Hooft", "x=1", ""])
def test_formulas_are_defused_and_come_back(value: str) -> None:
    assert not escaped(value).startswith(("=", "+", "-", "@"))
    assert unescaped(escaped(value)) == value
