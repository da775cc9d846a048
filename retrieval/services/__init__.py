"""What can be done with material and chat; one module an entity."""

from retrieval.results import SearchHit, SearchResult
from retrieval.services.archives import ArchiveResult, documents_upload_archive
from retrieval.services.chat import (
    ChatMessage,
    chat_ask,
    chat_history,
    chat_message,
    chat_session_delete,
    chat_session_start,
    chat_stream,
    citation_click,
    feedback_purge,
    feedback_set,
    labelled_queries,
)
from retrieval.services.documents import (
    document_cancel,
    document_delete,
    document_retry,
    document_upload,
)
from retrieval.services.ingestion import (
    document_ingest,
    document_ingest_file,
    documents_ingest_files,
    documents_requeue,
)
from retrieval.services.ledger import IngestResult
from retrieval.services.reconcile import CollectionReport, vectors_reconcile
from retrieval.services.rehearsal import Outcome, Rehearsal, documents_rehearse_files
from retrieval.services.removals import removal_retry, removals_run
from retrieval.services.search import SearchFilters, search_documents
from retrieval.services.search_as import search_documents_as
from retrieval.services.sweep import files_sweep
from retrieval.services.web import (
    WebOutcome,
    WebResult,
    web_host_work,
    web_page_cancel,
    web_page_delete,
    web_page_refresh,
    web_page_retry,
    web_page_save,
    web_pages_add,
    web_pages_ingest_here,
    web_pages_recheck,
    web_pages_requeue,
    web_sitemap_add,
)
from retrieval.services.web_search import search_web

__all__ = [
    "ArchiveResult",
    "ChatMessage",
    "CollectionReport",
    "IngestResult",
    "Outcome",
    "Rehearsal",
    "SearchFilters",
    "SearchHit",
    "SearchResult",
    "WebOutcome",
    "WebResult",
    "chat_ask",
    "chat_history",
    "chat_message",
    "chat_session_delete",
    "chat_session_start",
    "chat_stream",
    "citation_click",
    "document_cancel",
    "document_delete",
    "document_ingest",
    "document_ingest_file",
    "document_retry",
    "document_upload",
    "documents_ingest_files",
    "documents_rehearse_files",
    "documents_requeue",
    "documents_upload_archive",
    "feedback_purge",
    "feedback_set",
    "files_sweep",
    "labelled_queries",
    "removal_retry",
    "removals_run",
    "search_documents",
    "search_documents_as",
    "search_web",
    "vectors_reconcile",
    "web_host_work",
    "web_page_cancel",
    "web_page_delete",
    "web_page_refresh",
    "web_page_retry",
    "web_page_save",
    "web_pages_add",
    "web_pages_ingest_here",
    "web_pages_recheck",
    "web_pages_requeue",
    "web_sitemap_add",
]
