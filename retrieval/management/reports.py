"""What `ingest_documents` tells of its files: a line each, or one JSON object of all."""

import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Self

from tqdm import tqdm

from config.commands import counted
from config.errors import DomainError
from retrieval.services import IngestResult, Outcome, Rehearsal


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file's line. `passages` are those that it has, also where they were there already."""

    name: str
    outcome: Outcome
    pages: int | None = None
    passages: int = 0
    warnings: list[str] = field(default_factory=list)
    error_code: str = ""
    error: str = ""

    @classmethod
    def of_error(cls, name: str, error: DomainError) -> Self:
        return cls(name, Outcome.FAILED, error_code=error.code, error=str(error))

    @classmethod
    def of_document(cls, name: str, result: IngestResult, *, existed: bool) -> Self:
        document = result.document
        written = Outcome.REPLACED if existed else Outcome.NEW
        outcome = Outcome.UNCHANGED if result.unchanged else written
        return cls(name, outcome, document.pages, document.chunks, document.warnings)

    @classmethod
    def of_rehearsal(cls, name: str, found: Rehearsal) -> Self:
        return cls(name, found.outcome, found.pages, found.passages, found.warnings)

    def line(self, *, dry_run: bool) -> str:
        """What became of it, in words."""
        if self.outcome is Outcome.UNCHANGED:
            return "unchanged"
        pages = f"{counted(self.pages, 'page')}, " if self.pages else ""
        notes = "".join(f" ({warning})" for warning in self.warnings)
        replaced = " (replaces)" if dry_run and self.outcome is Outcome.REPLACED else ""
        return f"{pages}{counted(self.passages, 'passage')}{replaced}{notes}"


class Report:
    """Gathers what became of the files, and tells each at once unless it is `quiet`.

    Errors always go to standard error, a line each.
    """

    def __init__(self, *, dry_run: bool, quiet: bool) -> None:
        self._files: list[FileReport] = []
        self._dry_run, self._quiet = dry_run, quiet
        self._started = time.monotonic()

    @property
    def failed(self) -> int:
        """How many files could not be read."""
        return self._counts()[Outcome.FAILED]

    def add(self, file: FileReport) -> None:
        self._files.append(file)
        # Names of files may hold anything, also the end of a line.
        shown = file.name if file.name.isprintable() else ascii(file.name)
        if file.outcome is Outcome.FAILED:
            tqdm.write(f"error: {shown}: {file.error}", file=sys.stderr)
        elif not self._quiet:
            tqdm.write(f"{shown}: {file.line(dry_run=self._dry_run)}", file=sys.stdout)

    def summary(self) -> str:
        """The last line."""
        count, passages, seconds = len(self._files), self._passages(), self._seconds()
        files = f"{count - self.failed} of {count} files, {passages} passages"
        if self._dry_run:
            counts = self._counts()
            kinds = (Outcome.NEW, Outcome.REPLACED, Outcome.UNCHANGED)
            told = ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
            return f"dry run: {files} ({told}); nothing was changed"
        return f"{files} in {seconds:.1f} s ({passages / seconds:.1f} passages/s)"

    def as_json(self, error: DomainError | None = None) -> str:
        """Everything; `error` is what has ended the run before its end."""
        counts, passages, seconds = self._counts(), self._passages(), self._seconds()
        told = {
            "dry_run": self._dry_run,
            "files": [asdict(file) for file in self._files],
            "totals": {
                "files": len(self._files),
                **{kind.value: counts[kind] for kind in Outcome},
                "passages": passages,
            },
            "seconds": round(seconds, 3),
            "passages_per_s": round(passages / seconds, 1),
            "error": str(error) if error else None,
        }
        return json.dumps(told, ensure_ascii=False, indent=2)

    def _counts(self) -> Counter[Outcome]:
        return Counter(file.outcome for file in self._files)

    def _passages(self) -> int:
        """Those that were made now."""
        made = (Outcome.NEW, Outcome.REPLACED)
        return sum(file.passages for file in self._files if file.outcome in made)

    def _seconds(self) -> float:
        return max(time.monotonic() - self._started, 1e-6)
