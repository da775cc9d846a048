"""What a roster does or would do."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from classrooms.rosters.rows import RosterRow
from config import limits


@dataclass
class Outcome:
    """What a roster does or would do; see RosterImport for the shapes."""

    rows: int
    counts: Counter[str] = field(default_factory=Counter)
    preview: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    # Who came into the class: with an account that has no password, and with one of their own.
    added_new: list[UUID] = field(default_factory=list)
    added_known: list[UUID] = field(default_factory=list)
    # It is another than the one that was confirmed, and was not carried out.
    changed: bool = False
    _plan: Any = field(default_factory=hashlib.sha256, repr=False)

    @property
    def plan(self) -> str:
        """A hash of what every row does: of two that are equal, all rows do the same."""
        return str(self._plan.hexdigest())

    def failed(self, row: int, name: str, detail: str) -> None:
        """Count an error, and keep it if there are not too many yet."""
        self.counts["errors"] += 1
        if len(self.errors) < limits.ROSTER_MAX_ERRORS:
            self.errors.append({"row": row, "field": name, "detail": detail})

    def does(self, row: RosterRow, what: str, role: str, was: str | None) -> None:
        """Count what a row does, and show it if it is one of the first."""
        self.counts[what] += 1
        self._plan.update(json.dumps([row.email, what, role, was]).encode())
        if len(self.preview) < limits.ROSTER_PREVIEW_ROWS:
            shown = {"row": row.row, "email": row.email, "name": row.name}
            self.preview.append({**shown, "role": role, "was": was, "does": what})
