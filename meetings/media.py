"""The media files that a recording may be, known by their first bytes."""

from typing import IO, Any

from config import limits
from config.errors import InvalidInput, TooLarge

_MP4 = ((4, b"ftyp"),)
_MATROSKA = ((0, b"\x1a\x45\xdf\xa3"),)
_MPEG_FRAMES = tuple((0, bytes([0xFF, second])) for second in (0xFB, 0xF3, 0xF2, 0xFA))

# By extension: any of these (offset, bytes).
SIGNATURES: dict[str, tuple[tuple[int, bytes], ...]] = {
    "mp4": _MP4,
    "m4a": _MP4,
    "mov": (*_MP4, (4, b"moov"), (4, b"mdat"), (4, b"wide"), (4, b"free")),
    "webm": _MATROSKA,
    "mkv": _MATROSKA,
    "ogg": ((0, b"OggS"),),
    "wav": ((8, b"WAVE"),),
    "mp3": ((0, b"ID3"), *_MPEG_FRAMES),
}
_HEAD = 16


def media_extension(*, filename: str, size: int, content: IO[bytes] | Any) -> str:
    """The extension of a media file that is what its name says; leaves it at its beginning.

    InvalidInput for an empty, unknown or mislabelled file, TooLarge beyond
    RECORDING_MAX_BYTES; `size` is in bytes.
    """
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension not in SIGNATURES:
        known = ", ".join(sorted(SIGNATURES))
        raise _invalid(f"{filename} is not a recording: known are {known}.", "unknown_media")
    if size == 0:
        raise _invalid(f"{filename} is empty.", "empty_file")
    if size > limits.RECORDING_MAX_BYTES:
        raise TooLarge(f"{filename} is larger than {limits.RECORDING_MAX_BYTES // limits.MIB} MB.")
    content.seek(0)
    head = content.read(_HEAD)
    content.seek(0)
    if not any(head[at : at + len(mark)] == mark for at, mark in SIGNATURES[extension]):
        raise _invalid(f"{filename} does not hold {extension} media.", "mislabelled_media")
    return extension


def _invalid(why: str, code: str) -> InvalidInput:
    return InvalidInput(errors={"file": [why]}, code=code)
