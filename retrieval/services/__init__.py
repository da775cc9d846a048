"""What can be done with material and chat; one module an entity."""

from retrieval.results import SearchHit, SearchResult
from retrieval.services.chat import ChatMessage, chat_ask, chat_history, chat_session_start
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
from retrieval.services.removals import removals_run
from retrieval.services.search import SearchFilters, search_documents
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
    "ChatMessage",
    "IngestResult",
    "SearchFilters",
    "SearchHit",
    "SearchResult",
    "WebOutcome",
    "WebResult",
    "chat_ask",
    "chat_history",
    "chat_session_start",
    "document_cancel",
    "document_delete",
    "document_ingest",
    "document_ingest_file",
    "document_retry",
    "document_upload",
    "documents_ingest_files",
    "documents_requeue",
    "removals_run",
    "search_documents",
    "search_web",
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
