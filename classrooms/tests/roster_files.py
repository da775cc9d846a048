"""Files with rosters, as programs write them."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from classrooms.rosters.reading import read_roster

HEADER = ("email", "name", "role")


def csv_bytes(*rows: str, header: str = "email,name,role", encoding: str = "utf-8") -> bytes:
    return "\r\n".join([header, *rows, ""]).encode(encoding)


def xlsx_bytes(rows: Iterable[Iterable[Any]], header: Iterable[Any] | None = HEADER) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in [*([header] if header else []), *rows]:
        sheet.append(list(row))
    book.create_sheet("Other").append(["not", "ours"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(data: bytes, **changes: bytes) -> bytes:
    """A ZIP file with entries added or replaced; `__` in a name is a `/`, `_x` an extension."""
    made = io.BytesIO()
    new = {name.replace("__", "/").replace("_x", "."): body for name, body in changes.items()}
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in old.namelist():
            if name not in new:
                out.writestr(name, old.read(name))
        for name, body in new.items():
            out.writestr(name, body)
    return made.getvalue()


def upload(data: bytes, name: str = "roster.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def rows(data: bytes, name: str = "roster.csv") -> list[tuple[int, str, str, str]]:
    return [(row.row, row.email, row.name, row.role) for row in read_roster(data, name)]
