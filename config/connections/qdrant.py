"""Qdrant over REST, or its client's own local mode (`:memory:`, `path:/…`) for tests and tools."""

import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.core.exceptions import ImproperlyConfigured
from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from config import limits
from config.connections.base import Connection, PoolState
from config.connections.urls import check_qdrant
from config.errors import DomainError, InvalidInput, StoreUnavailable, TooLarge

MEMORY = ":memory:"
FOLDER = "path:"
PORT = 6333
_ANSWER_MAX = 300  # characters of a server's answer that are shown

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request


class QdrantConnection(Connection[QdrantClient]):
    """A server, or a local mode that belongs to one process."""

    engine = "qdrant"
    title = "Qdrant"

    def __init__(self, url: str, *, api_key: str = "") -> None:
        super().__init__(url, api_key=api_key)
        self.local = url == MEMORY or url.startswith(f"{FOLDER}/")
        if not self.local:
            try:
                check_qdrant(url)
            except ValueError as error:
                raise ImproperlyConfigured(f"QDRANT_URL is wrong: {error}") from None
        self._turn: AbstractContextManager[Any] = nullcontext()
        self._transport: httpx.HTTPTransport | None = None

    @property
    def address(self) -> str:
        if self.local:
            return self.url
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{parts.scheme}://{host}:{parts.port or PORT}{parts.path.rstrip('/')}"

    @contextmanager
    def using(self) -> Iterator[QdrantClient]:
        """The client for one question, with its errors translated."""
        client = self.client
        with self.available(), self._turn:
            yield client

    def _open(self) -> QdrantClient:
        if self.local:
            return self._open_local()
        self._transport = httpx.HTTPTransport(
            limits=httpx.Limits(
                max_connections=limits.QDRANT_MAX_CONNECTIONS,
                max_keepalive_connections=limits.QDRANT_MAX_CONNECTIONS,
                keepalive_expiry=limits.QDRANT_KEEPALIVE,
            )
        )
        key = self.options["api_key"]
        client = QdrantClient(
            url=self.url,
            port=PORT,
            # As a header: with `api_key` the client warns of http, which is right inside a cluster.
            headers={"api-key": key} if key else None,
            timeout=limits.QDRANT_TIMEOUT,
            check_compatibility=False,  # it would ask in a thread of its own, and only warn
            transport=self._transport,
        )
        try:
            client.get_collections()  # the client itself connects to nothing, and checks no key
        except Exception:
            client.close()
            raise
        return client

    def _open_local(self) -> QdrantClient:
        # It is not made for threads: one question at a time.
        self._turn = threading.RLock()
        if self.url == MEMORY:
            return QdrantClient(location=MEMORY)
        try:
            return QdrantClient(
                path=self.url.removeprefix(FOLDER), force_disable_check_same_thread=True
            )
        except (RuntimeError, OSError) as error:
            # RuntimeError: another process is using the folder.
            raise StoreUnavailable(f"Qdrant's folder can't be opened: {error}") from error

    def _shut(self, client: QdrantClient) -> None:
        client.close()

    @contextmanager
    def available(self) -> Iterator[None]:
        try:
            yield
        except (ResponseHandlingException, JSONDecodeError) as error:
            raise StoreUnavailable("Qdrant is unavailable") from error
        except ResourceExhaustedResponse as error:
            raise StoreUnavailable("Qdrant has too much to do") from error
        except UnexpectedResponse as error:
            raise self._refusal(error) from error

    def _refusal(self, error: UnexpectedResponse) -> DomainError:
        status = error.status_code or 0
        if status in (401, 403):
            return StoreUnavailable("Qdrant does not accept the key in QDRANT_API_KEY")
        if status == 404:
            return StoreUnavailable(
                "Qdrant has not what is asked for: run 'manage.py prepare_stores'"
            )
        if status == 413:
            return TooLarge("Qdrant does not take a request of this size")
        if status in (400, 422):
            answer = error.content.decode(errors="replace")[:_ANSWER_MAX]
            return InvalidInput(f"Qdrant refuses the request: {answer}")
        return StoreUnavailable(f"Qdrant answers with {status}")

    def version(self) -> str:
        if self.local:
            return "local"
        with self.using() as client:
            return client.info().version

    def pools(self) -> list[PoolState]:
        if not self.opened or self._transport is None:
            return []
        open_ones = list(self._transport._pool.connections)
        return [
            PoolState(
                pool=self.address,
                size=len(open_ones),
                in_use=sum(not connection.is_idle() for connection in open_ones),
                limit=limits.QDRANT_MAX_CONNECTIONS,
            )
        ]
