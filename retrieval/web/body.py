"""The body of an answer, unpacked bit by bit: it may be endless, or small and unpack to much."""

import zlib
from collections.abc import Iterable, Iterator

from retrieval.web.errors import Refused, Unreachable

_STEP = 64 * 1024
# zlib tells gzip and deflate apart by itself.
_ANY_FORMAT = zlib.MAX_WBITS | 32
ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


def read_body(blocks: Iterable[bytes], *, encoding: str, max_bytes: int, cut: bool) -> bytes:
    """The whole body; Refused over `max_bytes`, packed or unpacked (`cut`: the beginning).

    Unreachable for one that is damaged.
    """
    if encoding in ("", "identity"):
        return _joined(blocks, max_bytes, cut)
    return _joined(_unpacked(_bounded(blocks, max_bytes, cut)), max_bytes, cut)


def unpack_gzip(data: bytes, *, max_bytes: int) -> bytes:
    """What a gzip file holds; errors as above."""
    return _joined(_unpacked([data]), max_bytes, cut=False)


def _joined(blocks: Iterable[bytes], max_bytes: int, cut: bool) -> bytes:
    return b"".join(_bounded(blocks, max_bytes, cut))


def _bounded(blocks: Iterable[bytes], max_bytes: int, cut: bool) -> Iterator[bytes]:
    room = max_bytes
    for block in blocks:
        if len(block) > room:
            if not cut:
                raise too_large(max_bytes)
            yield block[:room]
            return
        room -= len(block)
        yield block


def _unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_ANY_FORMAT)
    try:
        for block in blocks:
            while block:
                yield unpacker.decompress(block, _STEP)
                block = unpacker.unconsumed_tail
            if unpacker.eof:
                return
    except zlib.error:
        raise Unreachable("The answer is damaged", code="damaged") from None
    yield unpacker.flush()


def too_large(max_bytes: int) -> Refused:
    """The error for an answer that has more than `max_bytes`."""
    return Refused(f"It has more than {max_bytes / 1024 / 1024:g} MB", code="too_large")
