"""Background work on material."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from retrieval.services import (
    document_ingest,
    documents_requeue,
    feedback_purge,
    files_sweep,
    removals_run,
    vectors_reconcile,
    web_host_work,
    web_pages_recheck,
    web_pages_requeue,
)


@shared_task
def ingest_document(document_id: str) -> None:
    """Ingest a queued document."""
    document_ingest(document_id=UUID(document_id))


@shared_task
def requeue_documents() -> int:
    """Give documents to a worker again that were left behind."""
    return documents_requeue()


@shared_task
def remove_vectors() -> int:
    """Remove the vectors of what has been deleted; how many documents and pages."""
    return removals_run()


@shared_task
def reconcile_vectors() -> dict[str, int]:
    """Put the vector stores in order with the ledger; how many documents and pages were not."""
    reports = (vectors_reconcile(name, fix=True) for name in ("documents", "web_content"))
    return {report.collection: report.mended for report in reports}


@shared_task
def sweep_files() -> int:
    """Remove files that no document names; how many."""
    return files_sweep(now=timezone.now())


@shared_task
def ingest_web_host(host: str) -> None:
    """Read the web pages of this host that wait."""
    web_host_work(host=host)


@shared_task
def requeue_web_pages() -> int:
    """Tell the workers again of web pages that were left behind; of how many hosts."""
    return web_pages_requeue()


@shared_task
def recheck_web_pages() -> int:
    """Queue web pages that nobody has looked at for long; how many."""
    return web_pages_recheck()


@shared_task
def purge_feedback() -> int:
    """Forget what people said of answers long ago; how many rows."""
    return feedback_purge()
