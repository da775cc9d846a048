"""Ingestion: by the worker from the queue, or here and now from files of this machine.

The ledger's row speaks of what is in the vector store only after it is there, in one
transaction with it where the engine allows.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from config import limits
from config.errors import DomainError, NotFound
from retrieval.models import Document, DocumentState
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import check_file
from retrieval.pipeline import Progress, digest_file, digest_files, domain_error
from retrieval.services.ledger import (
    IngestResult,
    attach,
    check_document_type,
    clean_filename,
    enqueue,
    hash_of,
    is_current,
    locked,
    log,
    publish,
    stored_files,
)


def documents_ingest_files(
    *,
    classroom: Classroom,
    files: Iterable[tuple[Path, str]],
    document_type: str = "material",
    actor: User | None = None,
    on_progress: Progress | None = None,
) -> Iterator[tuple[str, IngestResult | DomainError]]:
    """Ingest files (path, filename) of this machine now, in this process; equal names replace.

    Gives each file's name and result as it is done. A file that can't be read leaves no
    trace and stops no other. An unchanged one costs its hash.
    """
    if actor is not None:
        require(actor, "retrieval.add_document", classroom)
    check_document_type(document_type)
    ledger = {row.filename: row for row in Document.objects.filter(classroom=classroom)}
    new: list[tuple[Path, str, str]] = []
    for path, name in files:
        try:
            filename = clean_filename(name)
            file_hash = _hash_of_path(path, filename)
        except DomainError as error:
            yield name, error
            continue
        known = ledger.get(filename)
        if known is not None and is_current(known, file_hash):
            yield filename, IngestResult(known, unchanged=True)
        else:
            new.append((path, filename, file_hash))
    digests = digest_files(((path, name) for path, name, _ in new), on_progress=on_progress)
    for (path, filename, file_hash), digest in zip(new, digests, strict=True):
        if isinstance(digest, DomainError):
            yield filename, digest
            continue
        try:
            source = path.open("rb")
        except OSError as error:  # it has gone since it was read
            yield filename, _missing(path, error)
            continue
        with source, stored_files() as stored, transaction.atomic():
            document = locked(classroom, filename) or Document(
                classroom=classroom, filename=filename, uploaded_by=actor
            )
            document.document_type = document_type
            attach(document, File(source), file_hash, stored)
            publish(document, digest)
            log(actor, "document_upload", document, file_size=document.size_bytes)
        yield filename, IngestResult(document, unchanged=False)


def document_ingest_file(
    *,
    classroom: Classroom,
    path: Path,
    filename: str,
    document_type: str = "material",
    actor: User | None = None,
    on_progress: Progress | None = None,
) -> IngestResult:
    """Ingest one file as `documents_ingest_files` does; raises its error."""
    ((_, result),) = documents_ingest_files(
        classroom=classroom,
        files=[(path, filename)],
        document_type=document_type,
        actor=actor,
        on_progress=on_progress,
    )
    if isinstance(result, DomainError):
        raise result
    return result


def document_ingest(*, document_id: UUID) -> None:
    """Ingest a queued document; the worker's task.

    Only one process works on a document at a time; a second one, and one for a document
    that has gone or is ready, does nothing. What goes wrong with the file becomes the
    document's state and error, and the passages of an earlier version stay findable.
    """
    with _working_on(document_id) as mine:
        # A newer file may have come while one was read, and its own task found us at work.
        while mine and (document := _waiting(document_id)):
            _ingest_newest_file(document)


def _waiting(document_id: UUID) -> Document | None:
    found: Document | None = Document.objects.filter(
        pk=document_id, state__in=DocumentState.busy()
    ).first()
    return found


def _ingest_newest_file(document: Document) -> None:
    """Every write is for this very file: none happens once it is deleted or replaced."""
    this = Document.objects.filter(pk=document.pk, file_hash=document.file_hash)
    this.update(state=DocumentState.PROCESSING, updated_at=timezone.now())

    def progress(done: int, total: int) -> None:
        this.update(done=done, total=total, updated_at=timezone.now())

    try:
        digest = digest_file(Path(document.file.path), document.filename, on_progress=progress)
    except DomainError as error:
        this.update(
            state=DocumentState.FAILED, error_code=error.code, error=str(error), done=0, total=0
        )
        return
    with transaction.atomic():
        current = this.select_for_update().first()
        if current is not None:
            publish(current, digest)


def documents_requeue() -> int:
    """Give documents to a worker again that have waited too long, e.g. after a kill -9.

    Those that a worker is at are safe: the second one sees that and does nothing.
    """
    late = timezone.now() - timedelta(seconds=limits.INGESTION_RETRY_AFTER)
    waiting = Document.objects.filter(state__in=DocumentState.busy(), updated_at__lt=late)
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        enqueue(pk)
    return len(ids)


def _hash_of_path(path: Path, filename: str) -> str:
    try:
        check_file(path, filename, max_bytes=limits.DOCUMENT_MAX_BYTES)
        with path.open("rb") as source:
            return hash_of(source)
    except ParseError as error:
        raise domain_error(error) from None
    except OSError as error:
        raise _missing(path, error) from None


def _missing(path: Path, error: OSError) -> NotFound:
    return NotFound(f"{path}: {error.strerror}", code="file_missing")


@contextmanager
def _working_on(document_id: UUID) -> Iterator[bool]:
    """Whether this process is the only one at this document.

    The lock belongs to the database session, so it ends with the process that held it.
    """
    key = document_id.int % 2**63
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
