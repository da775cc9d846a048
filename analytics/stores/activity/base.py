"""The store `activity_logs`: who did what, for 90 days."""

import re
from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.activity import Activity
from config import limits
from config.errors import InvalidInput
from config.stores import Page, Store


@dataclass(frozen=True)
class Position:
    """A place in the log: the entries after it are older, or as old with a smaller id."""

    timestamp: datetime
    id: str

    def __post_init__(self) -> None:
        """Raises InvalidInput for what is no place: it comes back from a client."""
        if self.timestamp.tzinfo is None or not re.fullmatch(r"[0-9a-f]{24}", self.id):
            raise InvalidInput(errors={"cursor": ["This cursor is not valid."]})

    @classmethod
    def of(cls, entry: Activity) -> "Position":
        """Where a page that ends with this entry is continued."""
        return cls(entry.timestamp, entry.id)

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The position that `str` has written."""
        moment, _, entry_id = text.partition("|")
        try:
            return cls(datetime.fromisoformat(moment), entry_id)
        except ValueError:
            raise InvalidInput(errors={"cursor": ["This cursor is not valid."]}) from None

    def __str__(self) -> str:
        return f"{self.timestamp.isoformat()}|{self.id}"


@dataclass(frozen=True)
class ActivityQuery:
    """What to look for; None stands for "any", an empty `user_ids` for nobody.

    `since` is inclusive, `until` is not; both are aware.
    """

    user_ids: Collection[str] | None = None
    action: str | None = None
    resource_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class ActivityLogStore(Store[Activity]):
    """Append-only; entries expire after `limits.ACTIVITY_LOG_RETENTION`."""

    @abstractmethod
    def add(self, entries: Sequence[Activity]) -> None:
        """Append the entries; one whose id is already there changes nothing."""

    @abstractmethod
    def find(
        self, query: ActivityQuery, *, limit: int, after: Position | None = None
    ) -> list[Activity]:
        """At most `limit` entries, newest first (by time, then id), after a position."""

    def scan(self, *, after: str | None = None, limit: int) -> Page[Activity]:
        position = Position.parse(after) if after else None
        entries = self.find(ActivityQuery(), limit=limit, after=position)
        return Page(entries, str(Position.of(entries[-1])) if len(entries) == limit else None)

    def ends(self, record: Activity) -> datetime:
        return record.timestamp + limits.ACTIVITY_LOG_RETENTION

    def load(self, records: Sequence[Activity]) -> None:
        self.add(records)
