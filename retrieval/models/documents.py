"""The ledger of documents, and their passages. The vectors are in a store."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models import Classroom
from retrieval.models.chunks import LexicalChunk
from retrieval.models.states import IngestState

DOCUMENTS_FOLDER = "documents"  # of private storage


def document_path(document: "Document", filename: str) -> str:
    """Where a file lies in private storage: under a name that says nothing."""
    return f"{DOCUMENTS_FOLDER}/{uuid.uuid4().hex}"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, by who may see them."""

    def visible_to(self, user: User) -> Self:
        return self.filter(classroom__in=Classroom.objects.visible_to(user))


class Document(models.Model):
    """A file of a class; a class has one document of a name, equal names replace.

    `content_hash`, `pages`, `chunks` and the versions speak of what is in the vector
    store; they are written after the vectors are in, so a file that could not be read
    leaves them as they were, and the earlier version findable.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    classroom = models.ForeignKey(Classroom, on_delete=models.PROTECT, related_name="documents")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    filename = models.CharField(max_length=255)
    document_type = models.CharField(max_length=50, default="material", db_default="material")
    file = models.FileField(upload_to=document_path, max_length=200)
    size_bytes = models.BigIntegerField()
    file_hash = models.CharField(max_length=64, help_text="SHA-256 of the newest file.")
    state = models.CharField(
        max_length=20, choices=IngestState, default=IngestState.QUEUED, editable=False
    )
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    warnings = models.JSONField(default=list, blank=True, editable=False)
    # While it is processed: passages embedded so far, of how many.
    done = models.IntegerField(default=0, editable=False)
    total = models.IntegerField(default=0, editable=False)
    # What is in the vector store.
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    pipeline = models.CharField(max_length=200, blank=True, editable=False)
    pages = models.IntegerField(null=True, editable=False)
    chunks = models.IntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now(), editable=False)
    ingested_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = DocumentQuerySet.as_manager()

    class Meta:
        db_table = "documents"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["classroom", "filename"], name="documents_classroom_filename_key"
            ),
        )
        indexes = (models.Index(fields=["state", "updated_at"], name="idx_documents_state"),)

    def __str__(self) -> str:
        return self.filename


class DocumentChunk(LexicalChunk):
    """A passage of a document. Its id is that of its vector."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    # A document never changes its class; kept here so that a search need not join.
    classroom = models.ForeignKey(
        Classroom, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    page_number = models.IntegerField(null=True)
    start_seconds = models.FloatField(null=True)

    class Meta(LexicalChunk.Meta):
        db_table = "document_chunks"
        constraints = (
            models.UniqueConstraint(
                fields=["document", "chunk_index"], name="document_chunks_document_index_key"
            ),
        )
        indexes = (
            models.Index(fields=["classroom"], name="idx_document_chunks_classroom"),
            GinIndex(fields=["terms"], name="idx_document_chunks_terms"),
        )
