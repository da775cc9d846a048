"""Material: upload, ingestion, retry and deletion.

An upload is stored and queued; a worker ingests it. The ledger row speaks of what is in the
vector store only after it is there, in one transaction with it where the engine allows.
"""

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID, uuid4

from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from config import limits
from config.celery import app
from config.errors import Conflict, DomainError, InvalidInput, NotFound
from retrieval.models import Document, DocumentState
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import check_file, check_upload
from retrieval.pipeline import Digest, Progress, digest_file, domain_error, pipeline_version
from retrieval.stores.base import document_vectors

INGEST_TASK = "retrieval.tasks.ingest_document"
_BLOCK = 1024 * 1024

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What an upload or an ingestion led to; `unchanged`: the same file was there already."""

    document: Document
    unchanged: bool


def document_upload(
    *, actor: User, classroom: Classroom, file: Any, document_type: str = "material"
) -> IngestResult:
    """Store an uploaded file (Django's UploadedFile) and queue it; equal names replace.

    Raises InvalidInput or TooLarge for what can be told at once: an empty file, one that is
    over the limit, of an unknown type, or not what its name says.
    """
    require(actor, "retrieval.add_document", classroom)
    filename = clean_filename(file.name or "")
    _check_upload(file, filename)
    file_hash = hash_of(file)
    with _stored_files() as stored, transaction.atomic():
        document = _locked(classroom, filename)
        if document is not None and _is_current(document, file_hash):
            return IngestResult(document, unchanged=True)
        if document is None:
            document = Document(classroom=classroom, filename=filename, uploaded_by=actor)
        document.document_type = document_type
        _attach(document, file, file_hash, stored)
        _queue(document)
        _log(actor, "document_upload", document, file_size=document.size_bytes)
    return IngestResult(document, unchanged=False)


def document_ingest_file(
    *,
    classroom: Classroom,
    path: Path,
    filename: str,
    document_type: str = "material",
    actor: User | None = None,
    on_progress: Progress | None = None,
) -> IngestResult:
    """Ingest a file of this machine now, in this process; equal names replace.

    A file that can't be read raises and leaves no trace. An unchanged one costs its hash.
    """
    if actor is not None:
        require(actor, "retrieval.add_document", classroom)
    filename = clean_filename(filename)
    try:
        check_file(path, filename, max_bytes=limits.DOCUMENT_MAX_BYTES)
        with path.open("rb") as source:
            file_hash = hash_of(source)
    except ParseError as error:
        raise domain_error(error) from None
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}", code="file_missing") from None
    known = Document.objects.filter(classroom=classroom, filename=filename).first()
    if known is not None and _is_current(known, file_hash):
        return IngestResult(known, unchanged=True)
    digest = digest_file(path, filename, on_progress=on_progress)
    with _stored_files() as stored, transaction.atomic(), path.open("rb") as source:
        document = _locked(classroom, filename) or Document(
            classroom=classroom, filename=filename, uploaded_by=actor
        )
        document.document_type = document_type
        _attach(document, File(source), file_hash, stored)
        _publish(document, digest)
        _log(actor, "document_upload", document, file_size=document.size_bytes)
    return IngestResult(document, unchanged=False)


def document_ingest(*, document_id: UUID) -> None:
    """Ingest a queued document; the worker's task.

    Only one process works on a document at a time; a second one, and one for a document
    that has gone or is ready, does nothing. What goes wrong with the file becomes the
    document's state and error, and the passages of an earlier version stay findable.
    """
    with _working_on(document_id) as mine:
        document = Document.objects.filter(pk=document_id).first() if mine else None
        if document is None or document.state not in DocumentState.busy():
            return
        this = Document.objects.filter(pk=document_id, file_hash=document.file_hash)
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
            # Deleted, or replaced by a newer file, while this one was read: nothing to keep.
            current = this.select_for_update().first()
            if current is not None:
                _publish(current, digest)


def document_retry(*, actor: User, document: Document) -> Document:
    """Queue a document again whose ingestion has failed."""
    require(actor, "retrieval.change_document", document)
    if document.state != DocumentState.FAILED:
        raise Conflict("Only a document that has failed can be tried again.")
    with transaction.atomic():
        _queue(document)
        _log(actor, "document_retry", document)
    return document


def document_delete(*, actor: User, document: Document) -> None:
    """Remove a document, its passages and its file."""
    require(actor, "retrieval.delete_document", document)
    with transaction.atomic():
        _log(actor, "document_delete", document)
        name, storage = str(document.file.name), document.file.storage
        pk = document.pk
        document.delete()
        document_vectors().delete([pk])
        transaction.on_commit(lambda: storage.delete(name))


def documents_requeue() -> int:
    """Give documents to a worker again that have waited too long, e.g. after a kill -9.

    Those that a worker is at are safe: the second one sees that and does nothing.
    """
    late = timezone.now() - timedelta(seconds=limits.INGESTION_RETRY_AFTER)
    waiting = Document.objects.filter(state__in=DocumentState.busy(), updated_at__lt=late)
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        _enqueue(pk)
    return len(ids)


def clean_filename(name: str) -> str:
    """A name that may stand in the ledger, with `/` between folders; else InvalidInput."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    cleaned = "/".join(parts)
    if not cleaned or not cleaned.isprintable():
        raise InvalidInput(errors={"file": ["The file has no usable name."]})
    if len(cleaned) > limits.FILENAME_MAX:
        raise InvalidInput(
            errors={"file": [f"The name is longer than {limits.FILENAME_MAX} characters."]}
        )
    return cleaned


def hash_of(file: Any) -> str:
    """The SHA-256 of a binary file, read from its start; leaves it at its start."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def _check_upload(file: Any, filename: str) -> None:
    try:
        with _as_path(file) as path:
            check_upload(path, filename, max_bytes=limits.DOCUMENT_MAX_BYTES)
    except ParseError as error:
        raise domain_error(error) from None


@contextmanager
def _as_path(file: Any) -> Iterator[Path]:
    """An uploaded file on the disk: large ones are there already, small ones are copied."""
    if hasattr(file, "temporary_file_path"):
        yield Path(file.temporary_file_path())
        return
    with NamedTemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        file.seek(0)
        yield Path(copy.name)


def _is_current(document: Document, file_hash: str) -> bool:
    """Whether this very file is in the vector store, or on its way there."""
    if document.state == DocumentState.READY:
        return document.content_hash == file_hash and document.pipeline == pipeline_version()
    return document.state != DocumentState.FAILED and document.file_hash == file_hash


def _locked(classroom: Classroom, filename: str) -> Document | None:
    """The class's document of this name; two uploads of one name wait for each other."""
    # The class's row stands for documents that do not exist yet.
    Classroom.objects.select_for_update(no_key=True).get(pk=classroom.pk)
    found: Document | None = (
        Document.objects.select_for_update().filter(classroom=classroom, filename=filename).first()
    )
    return found


@contextmanager
def _stored_files() -> Iterator[list[str]]:
    """Names that a transaction has put into storage: removed again when it fails."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException:
        for name in stored:
            Document._meta.get_field("file").storage.delete(name)
        raise


def _attach(document: Document, file: Any, file_hash: str, stored: list[str]) -> None:
    old, storage = document.file.name, document.file.storage
    document.file.save(uuid4().hex, file, save=False)
    stored.append(str(document.file.name))
    document.size_bytes, document.file_hash = file.size, file_hash
    if old:
        transaction.on_commit(lambda: storage.delete(old))


def _queue(document: Document) -> None:
    document.state = DocumentState.QUEUED
    document.error_code = document.error = ""
    document.done = document.total = 0
    document.save()
    transaction.on_commit(lambda: _enqueue(document.pk))


def _enqueue(document_id: UUID) -> None:
    try:
        app.signature(INGEST_TASK, args=[str(document_id)]).apply_async()
    except OperationalError:
        # It stays queued: `documents_requeue` gives it to a worker when the broker is back.
        logger.warning("the broker is unavailable; document %s waits", document_id)


def _publish(document: Document, digest: Digest) -> None:
    """Put the passages into the vector store and then write the ledger."""
    document.state = DocumentState.READY
    document.error_code = document.error = ""
    document.content_hash, document.pipeline = document.file_hash, pipeline_version()
    document.pages, document.chunks = digest.pages, len(digest.chunks)
    document.done = document.total = len(digest.chunks)
    document.warnings = digest.warnings
    document.ingested_at = timezone.now()
    document_vectors().replace(
        document.pk,
        digest.points(
            document_id=document.pk,
            classroom_id=document.classroom_id,
            document_type=document.document_type,
            filename=document.filename,
            created_at=document.created_at,
        ),
    )
    document.save()


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


def _log(actor: User | None, action: str, document: Document, **metadata: Any) -> None:
    activity_record(
        actor=actor,
        action=action,
        resource_type=document.document_type,
        resource_id=document.pk,
        metadata={"filename": document.filename, **metadata},
    )
