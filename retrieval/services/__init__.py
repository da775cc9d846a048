"""What can be done with material and chat; one module an entity."""

from retrieval.services.chat import ChatMessage, chat_ask, chat_history, chat_session_start
from retrieval.services.documents import document_delete, document_retry, document_upload
from retrieval.services.ingestion import (
    document_ingest,
    document_ingest_file,
    documents_ingest_files,
    documents_requeue,
)
from retrieval.services.ledger import IngestResult
from retrieval.services.search import SearchHit, search_documents
from retrieval.services.web import search_web, web_page_delete, web_page_ingest

__all__ = [
    "ChatMessage",
    "IngestResult",
    "SearchHit",
    "chat_ask",
    "chat_history",
    "chat_session_start",
    "document_delete",
    "document_ingest",
    "document_ingest_file",
    "document_retry",
    "document_upload",
    "documents_ingest_files",
    "documents_requeue",
    "search_documents",
    "search_web",
    "web_page_delete",
    "web_page_ingest",
]
