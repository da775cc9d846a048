"""The ledger of documents and the chat sessions. Passages and vectors are in the stores."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models import Classroom


class DocumentState(models.TextChoices):
    """Where a document's newest file is on its way into the search."""

    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"

    @classmethod
    def busy(cls) -> "tuple[DocumentState, ...]":
        """Those in which a worker has still to do something."""
        return (cls.QUEUED, cls.PROCESSING)


def document_path(document: "Document", filename: str) -> str:
    """Where a file lies in private storage: under a name that says nothing."""
    return f"documents/{uuid.uuid4().hex}"


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
        max_length=20, choices=DocumentState, default=DocumentState.QUEUED, editable=False
    )
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    warnings = models.JSONField(default=list, blank=True, editable=False)
    # While it is processed: passages embedded so far, of how many.
    done = models.IntegerField(default=0, editable=False)
    total = models.IntegerField(default=0, editable=False)
    # What is in the vector store.
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    pipeline = models.CharField(max_length=100, blank=True, editable=False)
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


class ChatSessionQuerySet(models.QuerySet["ChatSession"]):
    """Chat sessions, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """One's own only, and of classes that one is still in."""
        return self.filter(user=user, classroom__in=Classroom.objects.visible_to(user))


class ChatSession(models.Model):
    """A user's conversation about a class's material; its messages are in Redis."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="chat_sessions")
    classroom = models.ForeignKey(Classroom, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects: ClassVar = ChatSessionQuerySet.as_manager()

    class Meta:
        db_table = "chat_sessions"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.user} on {self.classroom}, {self.created_at:%Y-%m-%d %H:%M}"
