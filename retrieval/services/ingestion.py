"""Ingestion: by the worker from the queue, or here and now from files of this machine.

The ledger's row speaks of what is in the vector store only after it is there, in one
transaction with it where the engine allows.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from classrooms.models import Classroom
from config import limits
from config.errors import DomainError
from config.locks import if_free
from retrieval.models import Document, IngestState
from retrieval.pipeline import (
    Digest,
    Progress,
    digest_file,
    digest_files,
    pipeline_version,
)
from retrieval.services.ledger import (
    IngestResult,
    attach,
    enqueue,
    locked,
    log,
    publish,
    queue,
    stored_files,
)
from retrieval.services.sifting import NewFile, file_missing, sift_files
from retrieval.services.unexpected import OUTAGES, TookTooLong, unexpected


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
    trace and stops no other. An unchanged one costs its hash. Conflict for an archived class.
    """
    new: list[NewFile] = []
    for name, found in sift_files(
        new, classroom=classroom, files=files, document_type=document_type, actor=actor
    ):
        if isinstance(found, DomainError):
            yield name, found
        else:
            yield name, IngestResult(found, unchanged=True)
    waiting = iter(new)
    named = ((file.path, file.filename) for file in new)
    for digests in digest_files(named, on_progress=on_progress):
        batch = list(zip(islice(waiting, len(digests)), digests, strict=True))
        with stored_files() as stored, transaction.atomic():
            present = locked(classroom, [file.filename for file, _ in batch])
            results = []
            for file, digest in batch:
                document = present.get(file.filename) or Document(
                    classroom=classroom, filename=file.filename, uploaded_by=actor
                )
                document.document_type = document_type
                results.append((file, _taken_in(document, file, digest, stored), digest))
            publish(
                [
                    (outcome, digest)
                    for _, outcome, digest in results
                    if isinstance(outcome, Document) and isinstance(digest, Digest)
                ]
            )
            taken = [each for _, each, _ in results if isinstance(each, Document)]
            log(actor, "document_upload", taken)
        for file, outcome, _ in results:
            if isinstance(outcome, Document):
                yield file.filename, IngestResult(outcome, unchanged=False)
            else:
                yield file.filename, outcome


def _taken_in(
    document: Document, file: NewFile, digest: Digest | DomainError, stored: list[str]
) -> Document | DomainError:
    """The document with the file in storage, not saved yet; or why it can't be taken in."""
    if isinstance(digest, DomainError):
        return digest
    try:
        with file.path.open("rb") as source:
            attach(document, File(source), file.file_hash, stored)
    except OSError as error:  # it has gone since it was read
        return file_missing(file.path, error)
    return document


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
    with if_free(f"document {document_id}") as mine:
        # A newer file may have come while one was read, and its own task found us at work.
        while mine and (document := _waiting(document_id)):
            _ingest_newest_file(document)


def _waiting(document_id: UUID) -> Document | None:
    found: Document | None = Document.objects.filter(
        pk=document_id, state__in=IngestState.busy()
    ).first()
    return found


class _Stopped(Exception):
    """The document was deleted, replaced or cancelled while it was read."""


def _ingest_newest_file(document: Document) -> None:
    """Every write is for this very file: none happens once it is deleted, replaced, cancelled."""
    this = Document.objects.filter(
        pk=document.pk, file_hash=document.file_hash, state__in=IngestState.busy()
    )
    this.update(state=IngestState.PROCESSING, updated_at=timezone.now())

    def progress(done: int, total: int) -> None:
        if not this.update(done=done, total=total, updated_at=timezone.now()):
            raise _Stopped

    def fail(error: DomainError) -> None:
        this.update(
            state=IngestState.FAILED, error_code=error.code, error=str(error), done=0, total=0
        )

    try:
        digest = digest_file(Path(document.file.path), document.filename, on_progress=progress)
        with transaction.atomic():
            current = this.select_for_update().first()
            if current is not None:
                publish([(current, digest)])
    except _Stopped:
        return
    except OUTAGES:
        raise  # the row stays as it is, and `documents_requeue` comes back to it
    except SoftTimeLimitExceeded:
        fail(TookTooLong())
        raise
    except DomainError as error:
        fail(error)
    except Exception as error:
        fail(unexpected(error, f"document {document.pk}"))


def documents_requeue() -> int:
    """Give documents to a worker again that have waited too long, e.g. after a kill -9, and
    those that an older version of the pipeline has read. How many.

    Those that a worker is at are safe: the second one sees that and does nothing.
    """
    late = timezone.now() - timedelta(seconds=limits.INGESTION_RETRY_AFTER)
    busy = Document.objects.filter(state__in=IngestState.busy())
    ids = list(busy.filter(updated_at__lt=late).values_list("pk", flat=True))
    for pk in ids:
        enqueue(pk)
    # What people wait for goes first; what is outdated is found all the while.
    return len(ids) if busy.exists() else len(ids) + _requeue_outdated()


def _requeue_outdated() -> int:
    outdated = Document.objects.filter(state=IngestState.READY).exclude(pipeline=pipeline_version())
    with transaction.atomic():
        found = outdated.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        documents = list(found[: limits.INGESTION_OUTDATED_BATCH])
        for document in documents:
            queue(document)
    return len(documents)
