"""The ledger of web pages, and their passages. The vectors are in a store."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Role, User
from config import limits
from retrieval.models.chunks import LexicalChunk
from retrieval.models.states import IngestState


class WebPageKind(models.TextChoices):
    """What an address leads to."""

    PAGE = "page"
    SITEMAP = "sitemap"


class WebPageQuerySet(models.QuerySet["WebPage"]):
    """Web pages, by who may see how they are kept. Searching them is for everyone."""

    def visible_to(self, user: User) -> Self:
        return self if user.role in (Role.TEACHER, Role.ADMIN) else self.none()


class WebPage(models.Model):
    """A page of the web that the school searches; it belongs to the school, not to a class.

    `content_hash`, `chunks` and `pipeline` speak of what is in the vector store, as those of a
    document do. A sitemap is a row, too: its pages name it. Of pages with the same content one
    is in the search, and is `duplicate_of` in the others.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    source_url = models.CharField(max_length=limits.WEB_URL_MAX, unique=True)
    host = models.CharField(max_length=260, default="", editable=False)
    kind = models.CharField(
        max_length=20, choices=WebPageKind, default=WebPageKind.PAGE, editable=False
    )
    sitemap = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="pages", editable=False
    )
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="duplicates", editable=False
    )
    title = models.TextField(blank=True, editable=False)
    topic = models.CharField(max_length=limits.WEB_TOPIC_MAX, blank=True)
    topic_given = models.BooleanField(default=False, db_default=False, editable=False)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(
        max_length=20, choices=IngestState, default=IngestState.QUEUED, editable=False
    )
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    warnings = models.JSONField(default=list, blank=True, editable=False)
    # While it is processed: passages embedded (of a sitemap, pages added) so far, of how many.
    done = models.IntegerField(default=0, db_default=0, editable=False)
    total = models.IntegerField(default=0, db_default=0, editable=False)
    # What the server said of the version that we have, to ask for newer ones only.
    etag = models.TextField(blank=True, editable=False)
    last_modified = models.TextField(blank=True, editable=False)
    # What is in the vector store.
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    pipeline = models.CharField(max_length=200, blank=True, editable=False)
    chunks = models.IntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now(), editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    ingested_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = WebPageQuerySet.as_manager()

    class Meta:
        db_table = "web_pages"
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["state", "updated_at"], name="idx_web_pages_state"),
            models.Index(fields=["host", "state", "created_at"], name="idx_web_pages_host"),
            models.Index(fields=["content_hash"], name="idx_web_pages_content_hash"),
            models.Index(fields=["checked_at"], name="idx_web_pages_checked"),
        )

    def __str__(self) -> str:
        return self.title or self.source_url


class WebChunk(LexicalChunk):
    """A passage of a web page. Its id is that of its vector."""

    page = models.ForeignKey(WebPage, on_delete=models.CASCADE, related_name="passages")

    class Meta(LexicalChunk.Meta):
        db_table = "web_chunks"
        constraints: ClassVar = (
            models.UniqueConstraint(
                fields=["page", "chunk_index"], name="web_chunks_page_index_key"
            ),
        )
        indexes: ClassVar = (GinIndex(fields=["terms"], name="idx_web_chunks_terms"),)
