"""Copying a store from one engine to another, and telling whether both hold the same.

A copy is read page by page in the source's own order and written over what the target has
under the same keys: it can be interrupted and go on, and doing it twice is the same as once.
Where it stands is kept in a file under `var/copies` after every page. The source is only read.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from config.embedded import files
from config.embedded.errors import EmbeddedError
from config.stores import Store

Progress = Callable[[int], object]  # told how many records more


@dataclass(frozen=True, slots=True)
class Content:
    """What a store holds: how many records, and a hash of them all whatever their order."""

    records: int
    digest: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides; `vector_difference` is the largest of any component, None without vectors.

    Vectors are compared beside the hash, because an engine may keep them a last bit off.
    """

    source: Content
    target: Content
    vector_difference: float | None

    @property
    def equal(self) -> bool:
        """Whether the target holds what the source holds, and nothing else."""
        return self.source == self.target and (self.vector_difference or 0.0) < VECTOR_TOLERANCE


VECTOR_TOLERANCE = 1e-5


class Copy:
    """One copying of a store, which `bookmark` lets go on after an interruption."""

    def __init__(self, source: Store[Any], target: Store[Any], bookmark: Path) -> None:
        self.source = source
        self.target = target
        self._bookmark = bookmark
        # A bookmark of other servers leads nowhere.
        self._ends = [source.connection.address, target.connection.address]
        self._after, self.copied = self._read()

    def run(self, progress: Progress) -> None:
        """Copy what is left, a page at a time. Raises StoreUnavailable; call it again to go on."""
        while True:
            page = self.source.scan(after=self._after, limit=self.source.copy_batch)
            self.target.load(_living(self.source, page.records, timezone.now()))
            self.copied += len(page.records)
            progress(len(page.records))
            if page.next is None:
                self._bookmark.unlink(missing_ok=True)
                return
            self._after = page.next
            self._bookmark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write_json(
                self._bookmark, {"ends": self._ends, "after": self._after, "copied": self.copied}
            )

    def _read(self) -> tuple[str | None, int]:
        """Where an earlier copy stood; nowhere if its note is of other servers, or damaged."""
        try:
            match files.read_json(self._bookmark):
                case {"ends": self._ends, "after": str(after), "copied": int(copied)}:
                    return after, copied
        except EmbeddedError:
            pass
        return None, 0


def compare(source: Store[Any], target: Store[Any], progress: Progress) -> Comparison:
    """Read both sides whole, page by page.

    What has outlived its retention, or does so within the hour, is on neither side: one engine
    may have removed it already.
    """
    until = timezone.now() + timedelta(hours=1)
    sums, counts, difference = [0, 0], [0, 0], None
    for read in zip_longest(_pages(source), _pages(target), fillvalue=()):
        pages = (_living(source, read[0], until), _living(target, read[1], until))
        for side, records in enumerate(pages):
            counts[side] += len(records)
            sums[side] += sum(_number(record) for record in records)
        for left, right in zip(*pages, strict=False):
            if isinstance(left, tuple) and left[0] == right[0]:
                difference = max(difference or 0.0, float(np.abs(left[1] - right[1]).max()))
        progress(sum(len(records) for records in read))
    one, other = (Content(counts[side], f"{sums[side] % 2**256:064x}") for side in (0, 1))
    return Comparison(one, other, difference)


def _pages(store: Store[Any]) -> Iterator[Sequence[Any]]:
    after = None
    while True:
        page = store.scan(after=after, limit=store.copy_batch)
        yield page.records
        if page.next is None:
            return
        after = page.next


def _living(store: Store[Any], records: Sequence[Any], at: datetime) -> list[Any]:
    """The records that are still to be kept at this moment."""
    ends = [(record, store.ends(record)) for record in records]
    return [record for record, end in ends if end is None or end > at]


def _number(record: Any) -> int:
    """A record's SHA-256 as a number: sums of them don't depend on the order."""
    content = record[0] if isinstance(record, tuple) else record  # a passage, without its vector
    text = json.dumps(asdict(content), default=_plain, sort_keys=True, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()  # the instant, whatever its timezone
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no form to compare by")
