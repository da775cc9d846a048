"""One way to keep a store's records: the platform's own, or a driver's alone."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

Record = TypeVar("Record")


class Side(ABC, Generic[Record]):
    """What is timed. Records are made beforehand; encoding and decoding them is part of it."""

    @abstractmethod
    def write(self, record: Record) -> None:
        """Keep one record."""

    @abstractmethod
    def write_batch(self, records: Sequence[Record]) -> None:
        """Keep a hundred records (or how many there are) at once."""

    @abstractmethod
    def read(self, record: Record) -> object:
        """What the store's single read finds by what is in the record.

        A driver's side gives tuples in the order of the records' fields, and their values in
        the records' own types (`plain` makes the platform's answer comparable with it).
        """
