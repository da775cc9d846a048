"""What an ingestion would do, found out without doing it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from accounts.models import User
from classrooms.models import Classroom
from config.errors import DomainError
from retrieval.pipeline import read_files
from retrieval.services.sifting import NewFile, sift_files


class Outcome(StrEnum):
    """What becomes of a file, or would become of it."""

    NEW = "new"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a file would become: a document of so many pages and passages."""

    outcome: Outcome
    pages: int | None
    passages: int
    warnings: list[str] = field(default_factory=list)


def documents_rehearse_files(
    *,
    classroom: Classroom,
    files: Iterable[tuple[Path, str]],
    document_type: str = "material",
    actor: User | None = None,
) -> Iterator[tuple[str, Rehearsal | DomainError]]:
    """What `documents_ingest_files` would do with these files (path, filename).

    They are read and cut, but not embedded, and nothing is kept.
    """
    new: list[NewFile] = []
    for name, found in sift_files(
        new, classroom=classroom, files=files, document_type=document_type, actor=actor
    ):
        if isinstance(found, DomainError):
            yield name, found
        else:
            yield name, Rehearsal(Outcome.UNCHANGED, found.pages, found.chunks, found.warnings)
    reads = read_files((file.path, file.filename) for file in new)
    for file, read in zip(new, reads, strict=True):
        if isinstance(read, DomainError):
            yield file.filename, read
            continue
        outcome = Outcome.REPLACED if file.replaces else Outcome.NEW
        document = read.document
        yield (
            file.filename,
            Rehearsal(outcome, document.page_count, len(read.chunks), document.warnings),
        )
