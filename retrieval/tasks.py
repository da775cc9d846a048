"""Background work on material."""

from uuid import UUID

from celery import shared_task

from retrieval.services import document_ingest, documents_requeue


@shared_task
def ingest_document(document_id: str) -> None:
    """Ingest a queued document."""
    document_ingest(document_id=UUID(document_id))


@shared_task
def requeue_documents() -> int:
    """Give documents to a worker again that were left behind."""
    return documents_requeue()
