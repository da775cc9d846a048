"""Files of this machine: which are new, which are in the search already, which can't be read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from classrooms.services import require_open
from config import limits
from config.errors import Conflict, DomainError, NotFound
from retrieval.models import Document
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import check_file
from retrieval.pipeline import domain_error
from retrieval.services.ledger import check_document_type, clean_filename, hash_of, is_current


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file of this machine that is not in the search yet; `replaces`: another of its name is."""

    path: Path
    filename: str
    file_hash: str
    replaces: bool


def sift_files(
    new: list[NewFile],
    *,
    classroom: Classroom,
    files: Iterable[tuple[Path, str]],
    document_type: str,
    actor: User | None,
) -> Iterator[tuple[str, Document | DomainError]]:
    """Put the files (path, filename) that have to be read into `new`.

    Gives the others as they come, by name: the document that a file is already, or why it
    can't be taken in. Conflict for an archived class.
    """
    if actor is not None:
        require(actor, "retrieval.add_document", classroom)
    require_open(classroom)
    check_document_type(document_type)
    ledger = {row.filename: row for row in Document.objects.filter(classroom=classroom)}
    names = set()
    for path, name in files:
        try:
            filename = clean_filename(name)
            if filename in names:
                raise Conflict("Another file of this run has the same name.", code="same_name")
            file_hash = _hash_of_path(path, filename)
        except DomainError as error:
            yield name, error
            continue
        known = ledger.get(filename)
        if known is not None and is_current(known, file_hash):
            yield filename, known
        else:
            names.add(filename)
            new.append(NewFile(path, filename, file_hash, known is not None))


def file_missing(path: Path, error: OSError) -> NotFound:
    """Why a file of this machine can't be opened."""
    return NotFound(f"{path}: {error.strerror}", code="file_missing")


def _hash_of_path(path: Path, filename: str) -> str:
    """The hash of a file that can be ingested by its name and its size; raises why it can't."""
    try:
        check_file(path, filename, max_bytes=limits.DOCUMENT_MAX_BYTES)
        with path.open("rb") as source:
            return hash_of(source)
    except ParseError as error:
        raise domain_error(error) from None
    except OSError as error:
        raise file_missing(path, error) from None
