"""Answers by a language model behind an endpoint that speaks OpenAI's chat API."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, cast

import httpx2 as httpx
from openai import OpenAI, OpenAIError

from config import limits
from retrieval.chat import prompt
from retrieval.chat.base import AnswerCutShort, Answerer, AnswererFailed, Source, Turn
from retrieval.chat.texts import visible
from retrieval.chat.transport import LimitedTransport

logger = logging.getLogger(__name__)

_THOUGHTS, _THOUGHTS_END = "<think>", "</think>"
# The library's own errors, and what it raises for answers that are not what it expects.
_ERRORS = (OpenAIError, httpx.HTTPError, ValueError, TypeError, AttributeError, LookupError)


class OpenAIAnswerer(Answerer):
    """A model, by its endpoint's address, key and name.

    At most CHAT_CONCURRENCY requests of a process are under way: a slow model must not hold
    every thread of the web process. Redirects and proxies of the environment are not followed.
    """

    def __init__(self, *, url: str, api_key: str, model: str) -> None:
        self._url, self._api_key, self._model = url, api_key, model
        self._connections = httpx.HTTPTransport()
        self._free = BoundedSemaphore(limits.CHAT_CONCURRENCY)

    def answer(
        self, question: str, *, query: str, turns: Sequence[Turn], sources: Sequence[Source]
    ) -> Iterator[str]:
        messages = prompt.answer_messages(question, turns, sources)
        with self._client(limits.CHAT_SECONDS, limits.CHAT_RETRIES) as client:
            stream = client.chat.completions.create(
                model=self._model,
                messages=cast("Any", messages),
                max_tokens=limits.CHAT_ANSWER_TOKENS,
                temperature=0,
                stream=True,
            )
            with stream:
                yield from _limited(_without_thoughts(_pieces(stream)))

    def standalone(self, question: str, turns: Sequence[Turn]) -> str | None:
        """One short request; None when it fails or gives nothing of use."""
        messages = prompt.rewrite_messages(question, turns)
        try:
            with self._client(limits.CHAT_REWRITE_SECONDS, 0) as client:
                answer = client.chat.completions.create(
                    model=self._model,
                    messages=cast("Any", messages),
                    max_tokens=limits.CHAT_REWRITE_TOKENS,
                    temperature=0,
                )
                text = answer.choices[0].message.content or ""
                found = " ".join(visible("".join(_without_thoughts(iter([text])))).split())
        except AnswererFailed as error:
            logger.warning("the model rewrites no question: %s", error)
            return None
        return found if 0 < len(found) <= limits.CHAT_REWRITE_MAX else None

    @contextmanager
    def _client(self, seconds: float, retries: int) -> Iterator[OpenAI]:
        """The library's client for one call; its errors and the endpoint's become ours."""
        if not self._free.acquire(blocking=False):
            raise AnswererFailed("the model is busy with others")
        transport = LimitedTransport(
            self._connections, seconds=seconds, max_bytes=limits.CHAT_RESPONSE_MAX_BYTES
        )
        timeout = httpx.Timeout(
            min(seconds, limits.CHAT_READ_TIMEOUT), connect=limits.CHAT_CONNECT_TIMEOUT
        )
        try:
            with httpx.Client(transport=transport, timeout=timeout, trust_env=False) as http:
                yield OpenAI(
                    base_url=self._url,
                    api_key=self._api_key or "none",  # the library wants one
                    max_retries=retries,
                    timeout=timeout,
                    http_client=http,
                )
        except _ERRORS as error:
            line = str(error).strip().split("\n", 1)[0][:200]
            raise AnswererFailed(f"{type(error).__name__}: {line}") from error
        finally:
            self._free.release()


def _pieces(stream: Any) -> Iterator[str]:
    """The text of a stream; one that ends without saying so has broken off."""
    finished = None
    for chunk in stream:
        for choice in (chunk.choices or ())[:1]:
            text = choice.delta.content if choice.delta is not None else None
            if text:
                if not isinstance(text, str):
                    raise AnswererFailed("the endpoint's text is none")
                yield text
            finished = choice.finish_reason or finished
    if finished == "length":
        raise AnswerCutShort("the model's limit of tokens")
    if finished != "stop":
        raise AnswererFailed(f"the answer ended early ({finished})")


def _limited(pieces: Iterator[str]) -> Iterator[str]:
    left = limits.CHAT_ANSWER_MAX
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left < 0:
            raise AnswerCutShort("our limit of characters")


def _without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """Without what some models say to themselves before they answer."""
    start = ""
    for piece in pieces:
        start = (start + piece).lstrip()
        if start.startswith(_THOUGHTS):
            if _THOUGHTS_END not in start:
                continue
            start = start.partition(_THOUGHTS_END)[2].lstrip()
        elif _THOUGHTS.startswith(start):
            continue
        break
    else:
        if start and not start.startswith(_THOUGHTS):
            yield start
        return
    if start:
        yield start
    yield from pieces
