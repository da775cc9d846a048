"""The ledger's rows and their files: what upload, ingestion and deletion share."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.activity import activity_record
from accounts.models import User
from classrooms.models import Classroom
from config import limits
from config.celery import app
from config.errors import InvalidInput
from retrieval.models import Document, DocumentState
from retrieval.pipeline import Digest, pipeline_version
from retrieval.stores.base import document_vectors

INGEST_TASK = "retrieval.tasks.ingest_document"
_BLOCK = 1024 * 1024

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What an upload or an ingestion led to; `unchanged`: the same file was there already."""

    document: Document
    unchanged: bool


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


def check_document_type(document_type: str) -> None:
    """InvalidInput for one that the ledger can't keep: empty, or too long."""
    most = Document._meta.get_field("document_type").max_length or 0
    if not document_type.strip() or not document_type.isprintable() or len(document_type) > most:
        raise InvalidInput(errors={"document_type": [f"It has 1 to {most} characters."]})


def hash_of(file: Any) -> str:
    """The SHA-256 of a binary file, read from its start; leaves it at its start."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def is_current(document: Document, file_hash: str) -> bool:
    """Whether this very file is in the vector store, or on its way there."""
    if document.state == DocumentState.READY:
        return document.content_hash == file_hash and document.pipeline == pipeline_version()
    return document.state != DocumentState.FAILED and document.file_hash == file_hash


def locked(classroom: Classroom, filename: str) -> Document | None:
    """The class's document of this name; two uploads of one name wait for each other."""
    # The class's row stands for documents that do not exist yet.
    Classroom.objects.select_for_update(no_key=True).get(pk=classroom.pk)
    found: Document | None = (
        Document.objects.select_for_update().filter(classroom=classroom, filename=filename).first()
    )
    return found


@contextmanager
def stored_files() -> Iterator[list[str]]:
    """Names that a transaction has put into storage: removed again when it fails."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException:
        for name in stored:
            Document._meta.get_field("file").storage.delete(name)
        raise


def attach(document: Document, file: Any, file_hash: str, stored: list[str]) -> None:
    old, storage = document.file.name, document.file.storage
    document.file.save(uuid4().hex, file, save=False)
    stored.append(str(document.file.name))
    document.size_bytes, document.file_hash = file.size, file_hash
    if old:
        transaction.on_commit(lambda: storage.delete(old))


def queue(document: Document) -> None:
    document.state = DocumentState.QUEUED
    document.error_code = document.error = ""
    document.done = document.total = 0
    document.save()
    transaction.on_commit(lambda: enqueue(document.pk))


def enqueue(document_id: UUID) -> None:
    try:
        app.signature(INGEST_TASK, args=[str(document_id)]).apply_async()
    except OperationalError:
        # It stays queued: `documents_requeue` gives it to a worker when the broker is back.
        logger.warning("the broker is unavailable; document %s waits", document_id)


def publish(document: Document, digest: Digest) -> None:
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


def log(actor: User | None, action: str, document: Document, **metadata: Any) -> None:
    activity_record(
        actor=actor,
        action=action,
        resource_type=document.document_type,
        resource_id=document.pk,
        metadata={"filename": document.filename, **metadata},
    )
