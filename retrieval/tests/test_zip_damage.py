"""Zip files with damaged bytes: whatever is wrong with them, they are refused and no more."""

import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import DomainError
from retrieval import archives
from retrieval.parsing.errors import Corrupt, ParseError
from retrieval.parsing.registry import MIB, check_upload
from retrieval.parsing.zips import check_unpacked, content_of
from retrieval.tests.files import with_entry, write_docx, write_xlsx
from retrieval.tests.hostile import ZIPPED, written

MUTANTS = 400
SEED = 20
TEXT = "Plants make sugar from light."
# Where the flags and the name of an entry are, in its local header and in the directory.
LOCAL, CENTRAL = (b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)


def with_bad_name(raw: bytes, *headers: tuple[bytes, int, int]) -> bytes:
    """The first entry says that its name is UTF-8, and it is not."""
    content = bytearray(raw)
    for signature, flags_at, name_at in headers:
        at = raw.index(signature)
        flags = struct.unpack_from("<H", content, at + flags_at)[0]
        struct.pack_into("<H", content, at + flags_at, flags | 0x800)
        content[at + name_at] = 0xFF
    return bytes(content)


def whole(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("bad.md", "week1/cells.md", "in.md"):
            archive.writestr(name, TEXT * 20)
    return path


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


def taken(path: Path) -> list[tuple[str, str]]:
    with archives.unpacked(path) as members:
        return [
            (m.name, m.found.code if isinstance(m.found, DomainError) else _text(m.found))
            for m in members
        ]


@pytest.mark.parametrize("suffix", ZIPPED)
def test_a_name_in_the_directory_that_is_no_text(tmp_path: Path, suffix: str) -> None:
    like = ZIPPED[suffix][0](tmp_path / f"a{suffix}")
    path = written(tmp_path / f"b{suffix}", with_bad_name(like.read_bytes(), LOCAL, CENTRAL))
    with pytest.raises(Corrupt):
        content_of(path)
    with pytest.raises(Corrupt):
        check_upload(path, path.name, max_bytes=MIB)


def test_an_archive_with_such_a_name_is_refused(tmp_path: Path) -> None:
    like = whole(tmp_path / "a.zip").read_bytes()
    path = written(tmp_path / "b.zip", with_bad_name(like, CENTRAL))
    with pytest.raises(DomainError) as caught:
        taken(path)
    assert caught.value.code == "corrupt"


def test_a_bad_name_of_one_member_alone_stops_no_other(tmp_path: Path) -> None:
    like = whole(tmp_path / "a.zip").read_bytes()
    path = written(tmp_path / "b.zip", with_bad_name(like, LOCAL))
    text = TEXT * 20
    assert taken(path) == [("bad.md", "corrupt"), ("week1/cells.md", text), ("in.md", text)]


def test_a_disk_that_can_not_be_written_is_no_damage(tmp_path: Path) -> None:
    path = whole(tmp_path / "a.zip")
    with archives.unpacked(path) as members:
        member = next(members)
        assert isinstance(member.found, Path)
        folder = member.found.parent
        (folder / "1").mkdir()  # the place of the next one is taken
        with pytest.raises(IsADirectoryError):
            next(members)


def mutants(raw: bytes) -> list[bytes]:
    """Copies with a few bytes changed, more often in what says of sizes, places and names."""
    chance = random.Random(SEED)
    headers = [at for at in range(len(raw)) if raw[at : at + 2] == b"PK"]
    found = []
    for _ in range(MUTANTS):
        content = bytearray(raw)
        for _ in range(chance.randint(1, 4)):
            start = chance.choice(headers) if chance.random() < 0.8 else 0
            at = min(start + chance.randrange(4, 60 if start else len(raw)), len(raw) - 1)
            content[at] = chance.choice((0, 0xFF, 0x80, 0x7F, chance.randrange(256)))
        if chance.random() < 0.1:
            del content[chance.randrange(len(content)) :]
        found.append(bytes(content))
    return found


def unpacked_once(path: Path) -> None:
    check_unpacked(path, doctypes=False)


def looked_at(path: Path) -> None:
    content_of(path)


def taken_apart(path: Path) -> None:
    taken(path)


@pytest.mark.parametrize("act", [looked_at, unpacked_once, taken_apart])
def test_damaged_files_give_errors_of_ours(tmp_path: Path, act: Callable[[Path], None]) -> None:
    refused = 0
    for raw in (whole(tmp_path / "a.zip"), write_docx(tmp_path / "a.docx")):
        for content in mutants(raw.read_bytes()):
            path = written(tmp_path / "mutant.zip", content)
            try:
                act(path)
            except (ParseError, DomainError):
                refused += 1
    assert refused > MUTANTS / 10


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "hz"]
)
def test_a_document_type_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    like = write_xlsx(tmp_path / "a.xlsx", {"Sheet": [["a", 1]]})
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    for padding in (0, MIB - 10):  # the search goes by blocks
        text = f"{head}{' ' * padding}<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"
        evil = text.encode(encoding)
        if encoding == "utf-7":
            evil = evil.replace(b"<!DOCTYPE", b"+ADwAIQ-DOCTYPE")
        path = with_entry(tmp_path / "b.xlsx", like, "xl/sharedStrings.xml", evil)
        with pytest.raises(Corrupt):
            check_unpacked(path, doctypes=False)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf-16", "us-ascii", "windows-1252"])
def test_plain_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    like = write_xlsx(tmp_path / "a.xlsx", {"Sheet": [["a", 1]]})
    part = f'<?xml version="1.0" encoding="{encoding}"?><x>text</x>'.encode(encoding)
    path = with_entry(tmp_path / "b.xlsx", like, "xl/other.xml", part)
    check_unpacked(path, doctypes=False)
