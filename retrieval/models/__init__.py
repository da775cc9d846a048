"""The tables of retrieval. Passages are here and are the truth; vectors are derived from them."""

from retrieval.models.chat import ChatSession, ChatSessionQuerySet
from retrieval.models.chunks import LexicalChunk
from retrieval.models.documents import (
    DOCUMENTS_FOLDER,
    Document,
    DocumentChunk,
    DocumentQuerySet,
    document_path,
)
from retrieval.models.feedback import AnswerFeedback, AnswerFeedbackQuerySet, CitationClick
from retrieval.models.removals import VectorRemoval
from retrieval.models.states import IngestState
from retrieval.models.web import WebChunk, WebPage, WebPageKind, WebPageQuerySet

__all__ = [
    "DOCUMENTS_FOLDER",
    "AnswerFeedback",
    "AnswerFeedbackQuerySet",
    "ChatSession",
    "ChatSessionQuerySet",
    "CitationClick",
    "Document",
    "DocumentChunk",
    "DocumentQuerySet",
    "IngestState",
    "LexicalChunk",
    "VectorRemoval",
    "WebChunk",
    "WebPage",
    "WebPageKind",
    "WebPageQuerySet",
    "document_path",
]
