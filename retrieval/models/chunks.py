"""What the passages of documents and of web pages share: the text, and its terms."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LexicalChunk(models.Model):
    """A passage as it is shown, with its terms for BM25 (see `retrieval.lexical`).

    These rows are the truth: a vector whose id is not among them belongs to nothing and is
    never shown.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    chunk_index = models.IntegerField()
    headings = ArrayField(models.TextField(), default=list)
    text = models.TextField()
    # Distinct terms by number, and at the same places their weights in thousandths.
    terms = ArrayField(models.IntegerField(), default=list)
    weights = ArrayField(models.SmallIntegerField(), default=list)

    class Meta:
        abstract = True
        ordering: ClassVar = ("chunk_index",)

    def __str__(self) -> str:
        return f"#{self.chunk_index}"
