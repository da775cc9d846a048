"""Zip files from strangers: what they hold is bounded before anything of it is unpacked.

Office documents and books are zip files. What such a file says of itself (sizes, the number
of its entries) may be a lie, so each is held against what is there.
"""

import re
import struct
import zipfile
import zlib
from pathlib import Path

from retrieval.parsing.errors import Corrupt, DocumentTooLarge, Encrypted

MIB = 1024 * 1024

# A small zip file can unpack to far more than the memory there is.
MAX_UNPACKED_BYTES = 512 * MIB
MAX_ENTRIES = 10_000
# The list of the entries, which Python reads whole before it counts them.
MAX_DIRECTORY_BYTES = 4 * MIB
# Of the small files inside that tell what the zip file is.
MAX_INDEX_BYTES = MIB

_END = struct.Struct("<4s4H2LH")  # the end of a zip file: its last fields
_END_64 = struct.Struct("<4sQ2H2L4Q")  # the same with large numbers, before a pointer to it
_POINTER_64_BYTES = 20
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED_FLAG = 1

# No part of an Office file has a document type, so none has entities that could unfold.
_DOCTYPE_TEXT = "<!DOCTYPE"
_DOCTYPES = [
    _DOCTYPE_TEXT.encode(name)
    for name in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
]
_DOCTYPE = re.compile(b"|".join(map(re.escape, _DOCTYPES)))
_LONGEST_DOCTYPE = max(map(len, _DOCTYPES))
# In UTF-7 and its like a `<` can be written by other bytes, which the search would not find.
# The standard of these files knows UTF-8 and UTF-16; what contains ASCII does no harm.
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s([^>]*)>?")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
_PLAIN_ENCODINGS = (
    b"utf-8",
    b"utf8",
    b"utf-16",
    b"us-ascii",
    b"ascii",
    b"iso-8859-",
    b"windows-125",
)
_XML_SUFFIXES = (".xml", ".rels", ".vml")

# What Python's zipfile raises for bytes that make no sense: names that are no UTF-8, offsets
# before the beginning, times and lengths that no number has. Only around reading: an OSError of
# a write is a disk that is full.
DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # a way of packing
    OSError,
    OverflowError,
    RuntimeError,  # a member that asks for a password
    ValueError,
)

ENCRYPTED = "The file is encrypted: remove its password and upload it again"
_DAMAGED = "The file is damaged or was cut short"


def content_of(path: Path) -> str:
    """What a zip file is: "docx", "pptx", "xlsx", "epub" or "zip"; by its index alone.

    Raises DocumentTooLarge, Encrypted, Corrupt.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = _checked_entries(archive, path.stat().st_size)
            if "[Content_Types].xml" in names:
                types = _start(archive, "[Content_Types].xml")
            elif "META-INF/container.xml" in names:
                return "epub"
            else:
                return "zip"
    except DAMAGES as error:
        raise Corrupt(_DAMAGED) from error
    for name, kind in (
        (b"wordprocessingml.document.main", "docx"),
        (b"presentationml.presentation.main", "pptx"),
        (b"spreadsheetml.sheet.main", "xlsx"),
    ):
        if name in types:
            return kind
    return "zip"


def check_unpacked(path: Path, *, doctypes: bool) -> None:
    """Unpack everything once, keeping nothing: no entry is more than it says.

    Afterwards a library may read the file. Without `doctypes`, an XML part that has one is
    Corrupt. Raises DocumentTooLarge, Corrupt.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            for entry in archive.infolist():
                file.seek(entry.header_offset)
                local = _LOCAL.unpack(file.read(_LOCAL.size))
                file.seek(local[-2] + local[-1], 1)
                content = file.read(entry.compress_size)
                _check_entry(entry, content, doctypes)
    except DAMAGES as error:
        raise Corrupt(_DAMAGED) from error


def _check_entry(entry: zipfile.ZipInfo, content: bytes, doctypes: bool) -> None:
    if len(content) < entry.compress_size:
        raise Corrupt(_DAMAGED)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    xml = not doctypes and entry.filename.lower().endswith(_XML_SUFFIXES)
    before, total = b"", 0
    while content:
        if entry.compress_type == zipfile.ZIP_STORED:
            part, content = content, b""
        else:
            part = inflate.decompress(content, MIB)
            content = inflate.unconsumed_tail if not inflate.eof else b""
        total += len(part)
        if total > entry.file_size:
            raise DocumentTooLarge("The file unpacks to more than it says")
        if xml and not before:
            _check_encoding(part)
        if xml and _DOCTYPE.search(before + part):
            raise Corrupt("The file has a document type inside, which an Office file never has")
        before = (before + part)[1 - _LONGEST_DOCTYPE :]


def _check_encoding(beginning: bytes) -> None:
    """Raises Corrupt for XML in an encoding in which a document type could hide."""
    declared = _DECLARATION.match(beginning)
    if declared is None:
        return
    encoding = _ENCODING.search(declared[1])
    endless = not declared[0].endswith(b">")
    if endless or (encoding and not encoding[1].lower().startswith(_PLAIN_ENCODINGS)):
        raise Corrupt("The file has a part in an encoding that an Office file never has")


def _check_directory(path: Path) -> None:
    """Raises DocumentTooLarge for a list of entries that is too long to be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size - 0xFFFF - _POINTER_64_BYTES - _END_64.size))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise Corrupt(_DAMAGED)
    _, _, _, _, entries, length, _, _ = _END.unpack_from(tail, at)
    at_64 = at - _POINTER_64_BYTES - _END_64.size
    if at_64 >= 0 and tail[at_64 : at_64 + 4] == b"PK\x06\x06":
        fields = _END_64.unpack_from(tail, at_64)
        entries, length = fields[7], fields[8]
    if entries > MAX_ENTRIES or length > MAX_DIRECTORY_BYTES:
        raise DocumentTooLarge(f"The file has more than {MAX_ENTRIES} parts")


def _checked_entries(archive: zipfile.ZipFile, size: int) -> set[str]:
    """The names in the file. Raises DocumentTooLarge, Encrypted, Corrupt."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise DocumentTooLarge(f"The file has more than {MAX_ENTRIES} parts")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise DocumentTooLarge(f"The file unpacks to more than {MAX_UNPACKED_BYTES // MIB} MB")
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise Encrypted(ENCRYPTED)
    if sum(entry.compress_size for entry in entries) > size:
        raise Corrupt("The parts of the file lie over each other")
    known = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if any(entry.compress_type not in known for entry in entries):
        raise Corrupt("The file is packed in a way that Office files and books never are")
    return {entry.filename for entry in entries}


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of an entry; whatever it unpacks to, no more than that is unpacked."""
    with archive.open(name) as entry:
        return entry.read(MAX_INDEX_BYTES)
