"""ZIP archives of material: each member is unpacked into a file of its own, within bounds.

A member's name is only its name in the class: on the disk it lies under a number. What the
archive says of sizes is not believed; the bytes are counted while they are unpacked.
"""

import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config import limits
from config.errors import DomainError, InvalidInput, TooLarge
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import format_of
from retrieval.parsing.zips import DAMAGES, content_of
from retrieval.pipeline import domain_error
from retrieval.workfolders import work_folder

SUFFIX = ".zip"
_BLOCK = 1024 * 1024
_UTF8_FLAG = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, and what became of it: where it lies now, or why it is refused."""

    name: str
    found: Path | DomainError


def is_archive(filename: str) -> bool:
    """Whether a file is an archive by its name."""
    return filename.lower().endswith(SUFFIX)


@contextmanager
def unpacked(archive: Path) -> Iterator[Iterator[Member]]:
    """The members, unpacked one after the other; their files go when this is left.

    Folders, hidden files and what macOS adds are passed over. A member that can't be taken
    stops no other. Raises InvalidInput or TooLarge for an archive that is damaged, encrypted
    or no archive, has nothing in it, or too many files.
    """
    _check(archive)
    with work_folder() as folder, zipfile.ZipFile(archive) as file:
        entries = [entry for entry in file.infolist() if not _passed_over(_name_of(entry))]
        if not entries:
            raise InvalidInput("There is no file in the archive", code="empty")
        if len(entries) > limits.ARCHIVE_MAX_FILES:
            raise TooLarge(f"The archive has more than {limits.ARCHIVE_MAX_FILES} files")
        yield _members(file, entries, folder)


def _check(archive: Path) -> None:
    try:
        if not zipfile.is_zipfile(archive):
            raise InvalidInput("The file is no ZIP archive, or is damaged", code="corrupt")
        content = content_of(archive)
    except ParseError as error:
        raise domain_error(error) from None
    if content != "zip":
        raise InvalidInput(
            f"This is a .{content} file: give it its own name and upload it by itself",
            code="mislabelled",
        )


def _members(
    file: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path
) -> Iterator[Member]:
    names: set[str] = set()
    room = limits.ARCHIVE_MAX_UNPACKED
    for number, entry in enumerate(entries):
        name, path = _name_of(entry), folder / str(number)
        try:
            _check_member(entry, name)
            if name in names:
                raise InvalidInput("Another file in it has the same name", code="same_name")
            names.add(name)
            room -= _unpack(file, entry, path, room)
        except DomainError as error:
            path.unlink(missing_ok=True)
            yield Member(name, error)
        else:
            yield Member(name, path)


def _name_of(entry: zipfile.ZipInfo) -> str:
    """A member's name with `/` between folders, its letters composed.

    macOS writes UTF-8 without saying so, and Windows has written backslashes.
    """
    name = entry.orig_filename.split("\0", 1)[0]
    if not entry.flag_bits & _UTF8_FLAG:
        with suppress(UnicodeError):  # then it is what it seems to be
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _passed_over(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return name.endswith("/") or hidden or "__MACOSX" in parts


def _check_member(entry: zipfile.ZipInfo, name: str) -> None:
    """Raises InvalidInput for a name that leads out of the archive, and for what can't be read."""
    if name.startswith("/") or _DRIVE.match(name) or ".." in PurePosixPath(name).parts:
        raise InvalidInput("The name leads out of the archive", code="unsafe_name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InvalidInput("It is a link and no file", code="unsafe_name")
    if is_archive(name):
        raise InvalidInput("A ZIP archive inside another is not opened", code="nested_archive")
    try:
        format_of(name)
    except ParseError as error:
        raise domain_error(error) from None


def _unpack(file: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, room: int) -> int:
    """Write a member to `path`; how many bytes. Raises TooLarge, or InvalidInput for damage."""
    size, packed = 0, entry.compress_size
    with path.open("wb") as target:
        for block in _blocks(file, entry):
            size += len(block)
            if size > limits.DOCUMENT_MAX_BYTES:
                most = limits.DOCUMENT_MAX_BYTES // limits.MIB
                raise TooLarge(f"It has more than {most} MB")
            if size > room:
                most = limits.ARCHIVE_MAX_UNPACKED // limits.MIB
                raise TooLarge(f"With it the archive unpacks to more than {most} MB")
            if size > _BLOCK and size > limits.ARCHIVE_MAX_RATIO * packed:
                raise TooLarge("It unpacks to far more than a document ever does")
            target.write(block)
    return size


def _blocks(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a member unpacks to. Raises InvalidInput for damage, and for nothing else: what
    happens to the caller while it writes a block is not raised in here."""
    try:
        with file.open(entry) as source:
            while block := source.read(_BLOCK):
                yield block
    except DAMAGES as error:
        raise InvalidInput("It is damaged in the archive", code="corrupt") from error
