"""The admin of material, search and conversations."""

from retrieval.admin.chat import AnswerFeedbackAdmin, ChatSessionAdmin
from retrieval.admin.documents import DocumentAdmin
from retrieval.admin.removals import VectorRemovalAdmin
from retrieval.admin.web import WebPageAdmin

__all__ = [
    "AnswerFeedbackAdmin",
    "ChatSessionAdmin",
    "DocumentAdmin",
    "VectorRemovalAdmin",
    "WebPageAdmin",
]
