"""Chat about a class's material."""

from retrieval.services.chat.answers import NOT_IN_MATERIAL, chat_ask, chat_stream
from retrieval.services.chat.events import (
    AnswerBroken,
    AnswerDone,
    ChatEvent,
    ChatEvents,
    PassagesFound,
    StillWaiting,
    TextWritten,
)
from retrieval.services.chat.feedback import (
    citation_click,
    feedback_purge,
    feedback_set,
    labelled_queries,
)
from retrieval.services.chat.history import REMOVED_TEXT, chat_history, chat_message
from retrieval.services.chat.messages import NOTICES, ChatMessage, Citation
from retrieval.services.chat.sessions import chat_session_delete, chat_session_start

__all__ = [
    "NOTICES",
    "NOT_IN_MATERIAL",
    "REMOVED_TEXT",
    "AnswerBroken",
    "AnswerDone",
    "ChatEvent",
    "ChatEvents",
    "ChatMessage",
    "Citation",
    "PassagesFound",
    "StillWaiting",
    "TextWritten",
    "chat_ask",
    "chat_history",
    "chat_message",
    "chat_session_delete",
    "chat_session_start",
    "chat_stream",
    "citation_click",
    "feedback_purge",
    "feedback_set",
    "labelled_queries",
]
