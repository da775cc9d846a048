"""What an ingestion would do, found out without doing it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from classrooms.services import require_open
from config.errors import Conflict, DomainError
from retrieval.models import Document
from retrieval.pipeline import read_files
from retrieval.services.ingestion import hash_of_path
from retrieval.services.ledger import check_document_type, clean_filename, is_current


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
    if actor is not None:
        require(actor, "retrieval.add_document", classroom)
    require_open(classroom)
    check_document_type(document_type)
    ledger = {row.filename: row for row in Document.objects.filter(classroom=classroom)}
    new: dict[str, Path] = {}
    for path, name in files:
        try:
            filename = clean_filename(name)
            if filename in new:
                raise Conflict("Another file of this run has the same name.", code="same_name")
            file_hash = hash_of_path(path, filename)
        except DomainError as error:
            yield name, error
            continue
        known = ledger.get(filename)
        if known is not None and is_current(known, file_hash):
            yield filename, Rehearsal(Outcome.UNCHANGED, known.pages, known.chunks, known.warnings)
        else:
            new[filename] = path
    reads = read_files((path, filename) for filename, path in new.items())
    for filename, read in zip(new, reads, strict=True):
        if isinstance(read, DomainError):
            yield filename, read
            continue
        outcome = Outcome.REPLACED if filename in ledger else Outcome.NEW
        document = read.document
        yield (
            filename,
            Rehearsal(outcome, document.page_count, len(read.chunks), document.warnings),
        )
