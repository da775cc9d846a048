"""Answers from numbered passages: what writes them, what a model is shown, what is let out."""

from functools import lru_cache

from django.conf import settings

from retrieval.chat.base import Answerer
from retrieval.chat.extractive import ExtractiveAnswerer
from retrieval.chat.model import OpenAIAnswerer


@lru_cache(maxsize=1)
def _model(url: str, api_key: str, name: str) -> OpenAIAnswerer:
    return OpenAIAnswerer(url=url, api_key=api_key, model=name)


def get_model() -> Answerer | None:
    """The language model of the settings; None where chat has to do without one."""
    if not (settings.CHAT_URL and settings.CHAT_MODEL):
        return None
    return _model(settings.CHAT_URL, settings.CHAT_API_KEY, settings.CHAT_MODEL)


def get_extractive() -> ExtractiveAnswerer:
    """What answers without a model, and when the model fails."""
    return ExtractiveAnswerer()
