"""The store `activity_logs`: who did what, for 90 days."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.activity import Activity
from config.stores import Store


@dataclass(frozen=True)
class LoggedActivity:
    """An entry as the store holds it; `id` is the engine's own."""

    id: str
    activity: Activity

    @property
    def position(self) -> "Position":
        """Where a page that ends with this entry is continued."""
        return Position(self.activity.timestamp, self.id)


@dataclass(frozen=True)
class Position:
    """A place in the log: the entries after it are older, or as old with a smaller id."""

    timestamp: datetime
    id: str


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


class ActivityLogStore(Store):
    """Append-only; entries expire after `limits.ACTIVITY_LOG_RETENTION`."""

    @abstractmethod
    def add(self, entries: Sequence[Activity]) -> None:
        """Append the entries, all or none."""

    @abstractmethod
    def find(
        self, query: ActivityQuery, *, limit: int, after: Position | None = None
    ) -> list[LoggedActivity]:
        """At most `limit` entries, newest first (by time, then id), after a position."""
