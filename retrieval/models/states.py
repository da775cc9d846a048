"""Where what is ingested can be on its way into the search."""

from django.db import models


class IngestState(models.TextChoices):
    """Where the newest version of a document or a web page is."""

    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def busy(cls) -> "tuple[IngestState, ...]":
        """Those in which a worker has still to do something."""
        return (cls.QUEUED, cls.PROCESSING)

    @classmethod
    def retryable(cls) -> "tuple[IngestState, ...]":
        """Those from which a person can begin again."""
        return (cls.FAILED, cls.CANCELLED)
