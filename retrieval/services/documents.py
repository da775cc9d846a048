"""Material: upload, retry and deletion.

An upload is stored and queued; a worker ingests it (see `ingestion`).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from classrooms.services import require_open
from config import limits
from config.errors import Conflict, NotFound
from retrieval.models import Document, IngestState
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import check_upload
from retrieval.pipeline import domain_error
from retrieval.services.ledger import (
    IngestResult,
    attach,
    check_document_type,
    clean_filename,
    hash_of,
    is_current,
    locked,
    log,
    queue,
    stored_files,
)
from retrieval.services.removals import removal_add


def document_upload(
    *, actor: User, classroom: Classroom, file: Any, document_type: str = "material"
) -> IngestResult:
    """Store an uploaded file (Django's UploadedFile) and queue it; equal names replace.

    Raises InvalidInput or TooLarge for what can be told at once: an empty file, one that is
    over the limit, of an unknown type, or not what its name says.
    """
    require(actor, "retrieval.add_document", classroom)
    require_open(classroom)
    check_document_type(document_type)
    filename = clean_filename(file.name or "")
    _check_upload(file, filename)
    file_hash = hash_of(file)
    with stored_files() as stored, transaction.atomic():
        document = locked(classroom, [filename]).get(filename)
        if document is not None and is_current(document, file_hash):
            return IngestResult(document, unchanged=True)
        if document is None:
            document = Document(classroom=classroom, filename=filename, uploaded_by=actor)
        document.document_type = document_type
        attach(document, file, file_hash, stored)
        queue(document)
        log(actor, "document_upload", [document])
    return IngestResult(document, unchanged=False)


def document_retry(*, actor: User, document: Document) -> Document:
    """Queue a document again whose ingestion has failed or was cancelled."""
    require(actor, "retrieval.change_document", document)
    with transaction.atomic():
        found = _again_locked(document)
        if found.state not in IngestState.retryable():
            raise Conflict("Only a document that has failed or was cancelled can be tried again.")
        queue(found)
        log(actor, "document_retry", [found])
    return found


def document_cancel(*, actor: User, document: Document) -> Document:
    """Stop the ingestion of a document; a version that was ready before stays findable.

    Conflict when there is nothing to stop.
    """
    require(actor, "retrieval.change_document", document)
    with transaction.atomic():
        found = _again_locked(document)
        if found.state not in IngestState.busy():
            raise Conflict("Only a document that is queued or being read can be cancelled.")
        found.state = IngestState.CANCELLED
        found.done = found.total = 0
        found.save(update_fields=["state", "done", "total", "updated_at"])
        log(actor, "document_cancel", [found])
    return found


def document_delete(*, actor: User, document: Document) -> None:
    """Remove a document and its passages, from now on for everyone, and its file.

    Its vectors, which nothing finds any more, are removed by a worker.
    """
    require(actor, "retrieval.delete_document", document)
    with transaction.atomic():
        log(actor, "document_delete", [document])
        name, storage = str(document.file.name), document.file.storage
        removal_add("documents", str(document.pk))
        document.delete()
        transaction.on_commit(lambda: storage.delete(name))


def _again_locked(document: Document) -> Document:
    """The row as it is now, which another file may have come for; NotFound if it has gone."""
    found: Document | None = Document.objects.select_for_update().filter(pk=document.pk).first()
    if found is None:
        raise NotFound()
    return found


def _check_upload(file: Any, filename: str) -> None:
    try:
        with as_path(file) as path:
            check_upload(path, filename, max_bytes=limits.DOCUMENT_MAX_BYTES)
    except ParseError as error:
        raise domain_error(error) from None


@contextmanager
def as_path(file: Any) -> Iterator[Path]:
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
