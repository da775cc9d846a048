"""What a store of proctoring reports does, whatever its engine."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from config import limits
from config.stores import Store


@dataclass(frozen=True)
class Violation:
    """Something that the proctoring client noticed; `details` is JSON."""

    type: str
    timestamp: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FrameSnapshot:
    """A picture of the session. `image_url` names the private file, it opens nothing."""

    timestamp: datetime
    image_url: str
    violations: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProctoringReport:
    """The report of one session; all times are aware, `integrity_score` is 0 to 100."""

    session_id: UUID
    user_id: UUID
    assessment_id: UUID
    integrity_score: float
    risk_level: str
    started_at: datetime
    ended_at: datetime
    violations: tuple[Violation, ...] = ()
    frame_snapshots: tuple[FrameSnapshot, ...] = ()

    @property
    def position(self) -> "Position":
        """Where the report stands in a listing."""
        return self.started_at, self.session_id


Position = tuple[datetime, UUID]


class ProctoringReports(Store):
    """Reports by session. Engines raise StoreUnavailable when they can't be reached."""

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
