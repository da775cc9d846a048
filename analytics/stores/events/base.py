"""The store `events`: what people did, in partitions of an hour, for seven days."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from config.stores import Store

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Event:
    """An event in the spec's words; `event_time` is aware and kept to the millisecond."""

    event_id: UUID
    event_time: datetime
    event_type: str
    user_id: UUID | None
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def partition_key(self) -> str:
        """The hour's partition, e.g. "2024-01-15-10" (UTC)."""
        return partition_key(self.event_time)


def partition_key(moment: datetime) -> str:
    """The partition of a moment: YYYY-MM-DD-HH in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d-%H")


def hours_of(start: datetime, end: datetime) -> Iterator[datetime]:
    """The beginnings of the hours (UTC) from `start`'s own to the last before `end`."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += HOUR


class EventStore(Store):
    """Append-only and idempotent; events expire after `limits.EVENT_RETENTION`."""

    @abstractmethod
    def add(self, events: Sequence[Event]) -> set[UUID]:
        """Write the events and return the ids that are new.

        An event whose id is already there changes nothing, whatever else it says; of several
        with one id in `events` the first counts.
        """

    @abstractmethod
    def of_hour(
        self,
        hour: datetime,
        *,
        user_ids: Collection[UUID] | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        """The events of the hour's partition, newest first, then by id.

        `user_ids` keeps those of these people (None: everybody's).
        """
