"""Zip files made to do harm: each is refused with a clear error, in little memory and time."""

import os
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.parsing import zips
from retrieval.parsing.errors import (
    Corrupt,
    DocumentTooLarge,
    Encrypted,
    Mislabelled,
)
from retrieval.parsing.registry import MIB, check_upload
from retrieval.parsing.sandbox import ParserProcess
from retrieval.tests.files import (
    LAUGHS,
    with_entry,
    write_docx,
    write_xlsx,
)
from retrieval.tests.hostile import ZIPPED, fails, lying, written

zipped = pytest.mark.parametrize("suffix", ZIPPED)


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(memory_mb=512, seconds=30, max_bytes=100 * MIB, max_pages=50) as process:
        yield process


@zipped
def test_a_part_that_unpacks_to_much(tmp_path: Path, parser: ParserProcess, suffix: str) -> None:
    make, name = ZIPPED[suffix]
    like = make(tmp_path / f"a{suffix}")
    for part in (name, "zeros.bin"):
        path = lying(tmp_path / f"b{suffix}", like, part, MIB, 513 * MIB, crc=False)
        assert "unpacks to more than 512 MB" in fails(parser, path, DocumentTooLarge)


def test_a_real_bomb(tmp_path: Path, parser: ParserProcess) -> None:
    like = write_docx(tmp_path / "a.docx")
    path = with_entry(tmp_path / "b.docx", like, "small.bin", b"")
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("zeros.bin", "w") as zeros,
    ):
        for _ in range(513):
            zeros.write(bytes(MIB))
    assert path.stat().st_size < 10 * MIB
    fails(parser, path, DocumentTooLarge)


@zipped
def test_a_part_that_lies_about_its_size(
    tmp_path: Path, parser: ParserProcess, suffix: str
) -> None:
    make, name = ZIPPED[suffix]
    like = make(tmp_path / f"a{suffix}")
    for crc in (False, True):
        path = lying(tmp_path / f"lie{suffix}", like, name, 100 * MIB, 1000, crc=crc)
        fails(parser, path, DocumentTooLarge)


def test_the_index_of_an_upload_is_read_in_little_memory(tmp_path: Path) -> None:
    """Uploads are looked at in the web process."""
    name = "[Content_Types].xml"
    path = lying(
        tmp_path / "lie.docx", write_docx(tmp_path / "a.docx"), name, 100 * MIB, 1000, crc=True
    )
    tracemalloc.start()
    with pytest.raises(Mislabelled):
        check_upload(path, path.name, max_bytes=100 * MIB)
    assert tracemalloc.get_traced_memory()[1] < 10 * MIB
    tracemalloc.stop()


@zipped
def test_a_zip_inside_is_not_opened(tmp_path: Path, parser: ParserProcess, suffix: str) -> None:
    make, _ = ZIPPED[suffix]
    like = make(tmp_path / f"a{suffix}")
    inner = with_entry(tmp_path / "inner.zip", like, "zeros.bin", bytes(20 * MIB))
    nested = with_entry(tmp_path / f"nested{suffix}", like, "inner.zip", inner.read_bytes())
    assert parser.parse(nested, nested.name).blocks == parser.parse(like, like.name).blocks


def test_a_hundred_thousand_parts(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 5) + bytes(16)
    directory = b"".join(entry + b"%05d" % number for number in range(100_000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 4, 0)
    path = written(tmp_path / "many.docx", b"PK\x03\x04" + directory + end)
    tracemalloc.start()
    with pytest.raises(DocumentTooLarge, match="more than 10000 parts"):
        check_upload(path, path.name, max_bytes=100 * MIB)
    assert tracemalloc.get_traced_memory()[1] < MIB
    tracemalloc.stop()
    # The number of parts is a lie; Python goes by the length of their list.
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(directory), 4, 0)
    written(path, b"PK\x03\x04" + directory + end)
    with pytest.raises(DocumentTooLarge):
        check_upload(path, path.name, max_bytes=100 * MIB)
    # So may be what the end says, where there is another one for large files.
    large = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 3, 3, len(directory), 4
    ) + struct.pack("<4sLQL", b"PK\x06\x07", 0, 4 + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, 100, 4, 0)
    written(path, b"PK\x03\x04" + directory + large + end)
    with pytest.raises(DocumentTooLarge):
        check_upload(path, path.name, max_bytes=100 * MIB)


def test_more_parts_than_are_counted_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MAX_ENTRIES", 5)
    path = write_docx(tmp_path / "a.docx")
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    for at in (end + 8, end + 10):
        struct.pack_into("<H", content, at, 3)
    with pytest.raises(DocumentTooLarge):
        check_upload(written(path, bytes(content)), path.name, max_bytes=MIB)


def test_parts_that_lie_over_each_other(tmp_path: Path, parser: ParserProcess) -> None:
    path = with_entry(
        tmp_path / "b.docx", write_docx(tmp_path / "a.docx"), "x", os.urandom(200_000)
    )
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
        count = len(archive.infolist())
    at = content.index(b"PK\x01\x02", content.rindex(b"x", start) - 47)
    entry = content[at : content.rindex(b"PK\x05\x06")]
    end = bytearray(content[content.rindex(b"PK\x05\x06") :])
    directory = content[start : start + (at - start)] + entry * 9
    struct.pack_into("<HHL", end, 8, count + 8, count + 8, len(directory))
    path.write_bytes(content[:start] + directory + bytes(end))
    assert "over each other" in fails(parser, path, Corrupt)


@zipped
def test_parts_packed_in_an_unusual_way(tmp_path: Path, parser: ParserProcess, suffix: str) -> None:
    like = ZIPPED[suffix][0](tmp_path / f"a{suffix}")
    path = tmp_path / f"b{suffix}"
    with zipfile.ZipFile(like) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    fails(parser, path, Corrupt)


@zipped
def test_the_flag_of_encrypted_parts(tmp_path: Path, parser: ParserProcess, suffix: str) -> None:
    content = bytearray(ZIPPED[suffix][0](tmp_path / f"a{suffix}").read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    fails(parser, written(tmp_path / f"b{suffix}", bytes(content)), Encrypted)


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_an_office_file(
    tmp_path: Path, parser: ParserProcess, suffix: str, encoding: str
) -> None:
    secret = written(tmp_path / "secret.txt", b"hidden")
    make, name = ZIPPED[suffix]
    like = make(tmp_path / f"a{suffix}")
    with zipfile.ZipFile(like) as archive:
        part = archive.read(name).decode()
    body = part[part.index("?>") + 2 :] if part.startswith("<?xml") else part
    for entities in (f'<!ENTITY l0 "ha">{LAUGHS}', f'<!ENTITY l11 SYSTEM "{secret.as_uri()}">'):
        head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [{entities}]>'
        evil = (head + body.replace(">a<", ">&l11;<").replace(">Water<", ">&l11;<")).encode(
            encoding
        )
        path = with_entry(tmp_path / f"b{suffix}", like, name, evil)
        assert "document type" in fails(parser, path, Corrupt)


def test_a_sheet_that_says_it_is_full(tmp_path: Path, parser: ParserProcess) -> None:
    like = write_xlsx(tmp_path / "a.xlsx", {"Sheet": [["a", 1]]})
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(like) as archive:
        sheet = archive.read(name).decode()
    assert '<dimension ref="A1:B1"' in sheet
    full = sheet.replace('ref="A1:B1"', 'ref="A1:XFD1048576"')
    path = with_entry(tmp_path / "b.xlsx", like, name, full.encode())
    assert [block.text for block in parser.parse(path, path.name).blocks] == ["Sheet", "a | 1"]
    start, end = sheet.split("<sheetData>")[0], sheet.split("</sheetData>")[1]
    rows = "".join(
        f'<row r="{n}"><c r="XFD{n}" t="n"><v>1</v></c></row>' for n in range(1, 100_000)
    )
    wide = f"{start}<sheetData>{rows}</sheetData>{end}"
    path = with_entry(tmp_path / "c.xlsx", like, name, wide.encode())
    assert "more than 5,000,000 cells" in fails(parser, path, DocumentTooLarge)
    last = '<row r="1048576"><c r="A1048576" t="n"><v>7</v></c></row>'
    path = with_entry(
        tmp_path / "d.xlsx", like, name, f"{start}<sheetData>{last}</sheetData>{end}".encode()
    )
    assert parser.parse(path, path.name).blocks[-1].text == "7"
