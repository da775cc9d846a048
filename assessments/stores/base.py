"""What a store of proctoring reports does, whatever its engine."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from config import limits
from config.stores import Page, Store
from config.times import to_milliseconds


@dataclass(frozen=True)
class Violation:
    """Something that the proctoring client noticed; `details` is JSON."""

    type: str
    timestamp: datetime
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "timestamp", to_milliseconds(self.timestamp))


@dataclass(frozen=True)
class FrameSnapshot:
    """A picture of the session. `image_url` names the private file, it opens nothing."""

    timestamp: datetime
    image_url: str
    violations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "timestamp", to_milliseconds(self.timestamp))


@dataclass(frozen=True)
class ProctoringReport:
    """The report of one session; times are aware and kept to the millisecond.

    `integrity_score` is 0 to 100.
    """

    session_id: UUID
    user_id: UUID
    assessment_id: UUID
    integrity_score: float
    risk_level: str
    started_at: datetime
    ended_at: datetime
    violations: tuple[Violation, ...] = ()
    frame_snapshots: tuple[FrameSnapshot, ...] = ()

    def __post_init__(self) -> None:
        for name in ("started_at", "ended_at"):
            object.__setattr__(self, name, to_milliseconds(getattr(self, name)))

    @property
    def position(self) -> "Position":
        """Where the report stands in a listing."""
        return self.started_at, self.session_id


Position = tuple[datetime, UUID]


class ProctoringReports(Store[ProctoringReport]):
    """Reports by session. Engines raise StoreUnavailable when they can't be reached."""

    copy_batch = 100  # each with its violations and snapshots

    @abstractmethod
    def save(self, report: ProctoringReport) -> None:
        """Write a report, or replace the session's earlier one."""

    @abstractmethod
    def get(self, session_id: UUID) -> ProctoringReport | None:
        """The report of a session, None if there is none."""

    @abstractmethod
    def find(
        self,
        *,
        assessment_ids: Collection[UUID],
        user_id: UUID | None = None,
        risk_level: str | None = None,
        after: Position | None = None,
        limit: int = limits.PAGE_SIZE,
    ) -> list[ProctoringReport]:
        """Reports of these assessments (none for an empty collection), the newest first.

        Ordered by (started_at, session_id), both descending; `after` is the position of the
        last report already seen. Other filters that are None do not filter.
        """

    @abstractmethod
    def delete(self, session_id: UUID) -> bool:
        """Remove a session's report; whether there was one."""

    @abstractmethod
    def delete_of_user(self, user_id: UUID) -> int:
        """Remove every report about a person; how many there were."""

    @abstractmethod
    def page(self, *, after: UUID | None = None, limit: int) -> list[ProctoringReport]:
        """Reports of all assessments in the order of `session_id`, after the given one."""

    def scan(self, *, after: str | None = None, limit: int) -> Page[ProctoringReport]:
        reports = self.page(after=UUID(after) if after else None, limit=limit)
        more = len(reports) == limit
        return Page(reports, str(reports[-1].session_id) if more else None)

    def load(self, records: Sequence[ProctoringReport]) -> None:
        for report in records:
            self.save(report)
