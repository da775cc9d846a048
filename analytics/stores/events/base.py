"""The store `events`: what people did, in partitions of an hour, for seven days."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from config import limits
from config.stores import Store
from config.times import to_milliseconds

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Event:
    """An event in the spec's words; `event_time` is aware and kept to the millisecond."""

    event_id: UUID
    event_time: datetime
    event_type: str
    user_id: UUID | None
    properties: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "event_time", to_milliseconds(self.event_time))

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


class EventStore(Store[Event]):
    """Append-only and idempotent; events expire `limits.EVENT_RETENTION` after their time."""

    @abstractmethod
    def add(self, events: Sequence[Event]) -> set[UUID]:
        """Write the events and return the ids that are new.

        An event whose id and time are already there changes nothing, whatever else it says; of
        several with one id in `events` the first counts. An engine says among its gaps (in the
        tests) if it can't tell the same id at another time, or writers at the same moment.
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

    def ends(self, record: Event) -> datetime:
        return record.event_time + limits.EVENT_RETENTION

    def load(self, records: Sequence[Event]) -> None:
        self.add(records)
