"""Transcripts that are too large for one document, cut and put together again.

A document of MongoDB holds 16 MiB, and the spec's form has the text twice: in the segments and
as a whole. A transcript of 16 MB therefore needs more than one.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import bson

from config.connections.mongodb import Document

_BESIDE = 16  # bytes that a list needs for an entry, beside the entry


def cut(document: Document, size: int) -> list[Document]:
    """Its segments and its text in parts with about `size` bytes of each."""
    pieces = zip_longest(_groups(document["segments"], size), _slices(document["full_text"], size))
    return [{"segments": segments or [], "full_text": text or ""} for segments, text in pieces]


def joined(parts: Sequence[Document]) -> Document:
    """The segments and the text of what `cut` has made."""
    return {
        "segments": [segment for part in parts for segment in part["segments"]],
        "full_text": "".join(part.get("full_text", "") for part in parts),
    }


def _groups(segments: Sequence[Document], size: int) -> Iterator[list[Any]]:
    group: list[Any] = []
    filled = 0
    for segment in segments:
        more = len(bson.encode(segment)) + _BESIDE
        if group and filled + more > size:
            yield group
            group, filled = [], 0
        group.append(segment)
        filled += more
    yield group


def _slices(text: str, size: int) -> Iterator[str]:
    data = text.encode()
    start = 0
    while start < len(data):
        end = min(start + size, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # inside of a character
            end -= 1
        yield data[start:end].decode()
        start = end
