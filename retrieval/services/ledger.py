"""The ledger's rows and their files: what upload, ingestion and deletion share."""

import hashlib
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.activity import activities_record
from accounts.models import User
from classrooms.models import Classroom
from config import limits
from config.celery import app
from config.connections.postgresql_store import copy_in, run
from config.errors import InvalidInput
from retrieval.models import Document, IngestState
from retrieval.pipeline import Digest, passage_id, pipeline_version
from retrieval.services.points import document_points
from retrieval.services.removals import hold_owners
from retrieval.stores.base import document_vectors

INGEST_TASK = "retrieval.tasks.ingest_document"
_BLOCK = 1024 * 1024

_CHUNK_COLUMNS = (
    "id, document_id, classroom_id, chunk_index, page_number, start_seconds, headings, text, "
    "terms, weights"
)
_CHUNK_TYPES = (
    *("uuid", "uuid", "uuid", "int4", "int4", "float8"),
    *("text[]", "text", "int4[]", "int2[]"),
)
# Columns of the ledger that an ingestion may write.
_WRITTEN = [
    field.name
    for field in Document._meta.concrete_fields
    if field.name not in ("id", "classroom", "filename", "created_at")
]

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
    if document.state == IngestState.READY:
        return document.content_hash == file_hash and document.pipeline == pipeline_version()
    return document.state in IngestState.busy() and document.file_hash == file_hash


def locked(classroom: Classroom, filenames: Collection[str]) -> dict[str, Document]:
    """The class's documents of these names, as far as there are any, by name.

    Two uploads of one name wait for each other.
    """
    # The class's row stands for documents that do not exist yet.
    Classroom.objects.select_for_update(no_key=True).get(pk=classroom.pk)
    found = Document.objects.select_for_update().filter(classroom=classroom, filename__in=filenames)
    return {document.filename: document for document in found.order_by("pk")}


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
    # Once it is committed it stays, whatever happens (Ctrl-C, say) before the caller goes on.
    transaction.on_commit(stored.clear)
    document.size_bytes, document.file_hash = file.size, file_hash
    if old:
        transaction.on_commit(lambda: storage.delete(old))


def queue(document: Document) -> None:
    document.state = IngestState.QUEUED
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


def publish(digests: Sequence[tuple[Document, Digest]]) -> None:
    """Put the passages of these documents in place: their rows, their vectors, the ledger.

    Within the caller's transaction, which commits after the vectors are in.
    """
    now, version = timezone.now(), pipeline_version()
    for document, digest in digests:
        document.state = IngestState.READY
        document.error_code = document.error = ""
        document.content_hash, document.pipeline = document.file_hash, version
        document.pages, document.chunks = digest.pages, len(digest.chunks)
        document.done = document.total = len(digest.chunks)
        document.warnings = digest.warnings
        document.ingested_at = document.updated_at = now
    documents = [document for document, _ in digests]
    Document.objects.bulk_create(
        documents, update_conflicts=True, unique_fields=["pk"], update_fields=_WRITTEN
    )
    ids = [document.pk for document in documents]
    # A store without transactions shows the vectors before the row is committed: who finds them
    # there meanwhile, and no row, waits and sees.
    hold_owners("documents", map(str, ids))
    run("DELETE FROM document_chunks WHERE document_id = ANY(%s)", [ids])
    copy_in("document_chunks", _CHUNK_COLUMNS, _CHUNK_TYPES, _chunk_rows(digests))
    document_vectors().replace_all(
        {
            document.pk: document_points(document, digest.chunks, digest.vectors)
            for document, digest in digests
        }
    )


def _chunk_rows(digests: Sequence[tuple[Document, Digest]]) -> Iterator[tuple[Any, ...]]:
    for document, digest in digests:
        for chunk, (terms, weights) in zip(digest.chunks, digest.terms, strict=True):
            yield (
                passage_id(document.pk, chunk.chunk_index),
                document.pk,
                document.classroom_id,
                chunk.chunk_index,
                chunk.page_number,
                chunk.start_seconds,
                list(chunk.headings),
                chunk.text,
                terms,
                weights,
            )


def log(actor: User | None, action: str, documents: Sequence[Document]) -> None:
    """Record what was done to each of these documents."""
    activities_record(
        actor=actor,
        action=action,
        resources=[
            (
                document.document_type,
                document.pk,
                {"filename": document.filename, "file_size": document.size_bytes},
            )
            for document in documents
        ],
    )
