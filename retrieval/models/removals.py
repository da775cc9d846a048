"""The outbox of vectors: what a store has still to forget."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class VectorRemoval(models.Model):
    """A document or a web page whose vectors must go; written when its row goes.

    `collection` is the store's name in the settings, `owner` a document's id or a page's
    address. Nothing of it is found meanwhile, for its passages' rows are gone.
    """

    collection = models.CharField(max_length=50)
    owner = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, db_default=Now())
    attempts = models.IntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_default=Now())
    last_error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "vector_removals"
        ordering = ("pk",)
        indexes: ClassVar = (
            models.Index(fields=["next_attempt_at"], name="idx_vector_removals_next"),
        )

    def __str__(self) -> str:
        return f"{self.collection}: {self.owner}"
