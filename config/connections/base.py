"""What the connections to all engines have in common.

Several stores share a connection: it is found by its class, its URL and its options. The client
behind it is made at the first use, again after a fork, and closed when the process ends. Driver
types and driver errors stay in the engines' own files: what comes out is `StoreUnavailable`.
"""

import atexit
import logging
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from config import limits
from config.errors import StoreUnavailable

Client = TypeVar("Client")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool of connections in this process; None for what the driver does not tell.

    `waits` is how often somebody waited for a connection so far, `wait_seconds` how long in all.
    """

    pool: str
    size: int
    in_use: int
    limit: int | None = None
    waiting: int | None = None
    waits: int | None = None
    wait_seconds: float | None = None


class Connection(ABC, Generic[Client]):
    """This process's way to one server (or cluster).

    The constructor checks the URL and opens nothing; it raises ImproperlyConfigured for a URL
    that is wrong. Get one by `Connection.to(url)`. What is not in the URL (a key) is an option.
    """

    engine: ClassVar[str]  # "mongodb", "cassandra" …
    title: ClassVar[str]  # as people write it

    _shared: ClassVar[dict[tuple[Any, ...], "Connection[Any]"]] = {}
    _shared_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, url: str, **options: str) -> None:
        self.url = url
        self.options = options
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._pid = os.getpid()
        self._not_before = 0.0

    @classmethod
    def to(cls, url: str, **options: str) -> Self:
        """The process's one connection of this kind to this URL with these options."""
        key = (cls, url, *sorted(options.items()))
        with Connection._shared_lock:
            found = Connection._shared.get(key)
            if found is None:
                found = Connection._shared[key] = cls(url, **options)
        assert isinstance(found, cls)
        return found

    @property
    @abstractmethod
    def address(self) -> str:
        """Where the server is, as an operator would say it; never with credentials."""

    @property
    def client(self) -> Client:
        """The driver's client. Raises StoreUnavailable if it can't be made, or has given up.

        After a failure the next attempt waits for RETRY_AFTER seconds, so that a server that is
        away does not cost every request its connect timeout.
        """
        client = self._client
        if client is not None and self._pid == os.getpid() and not self._given_up():
            return client
        with self._lock:
            if self._pid != os.getpid():
                # The parent's client: its sockets are the parent's too, so it is not closed.
                self._client, self._pid, self._not_before = None, os.getpid(), 0.0
            if self._given_up():
                raise StoreUnavailable(f"{self.title} is unavailable")
            if self._client is None:
                try:
                    with self.available():
                        self._client = self._open()
                except StoreUnavailable as error:
                    logger.warning("no connection to %s: %s", self.address, error)
                    self.give_up()
                    raise
            return self._client

    def give_up(self) -> None:
        """Leave the server alone for RETRY_AFTER seconds: its driver has waited in vain."""
        self._not_before = time.monotonic() + limits.RETRY_AFTER

    def _given_up(self) -> bool:
        return time.monotonic() < self._not_before

    @property
    def opened(self) -> bool:
        """Whether this process has a client."""
        return self._client is not None and self._pid == os.getpid()

    @abstractmethod
    def _open(self) -> Client:
        """Make the client; the driver's errors are translated by the caller."""

    @abstractmethod
    def _shut(self, client: Client) -> None:
        """Close the client."""

    @abstractmethod
    @contextmanager
    def available(self) -> Iterator[None]:
        """Turn the driver's errors for "down", "slow" and "gone" into StoreUnavailable."""
        yield

    @abstractmethod
    def version(self) -> str:
        """Ask the server for its version. Raises StoreUnavailable."""

    def pools(self) -> list[PoolState]:
        """The client's pools; none before it is opened."""
        return []

    def close(self) -> None:
        """Close the client if this process has opened one; the next use opens another."""
        with self._lock:
            client, self._client = self._client, None
            mine = self._pid == os.getpid()
            self._not_before = 0.0
        if client is not None and mine:
            self._shut(client)


def connections_in_use() -> list[Connection[Any]]:
    """Every connection that a store of this process has asked for."""
    with Connection._shared_lock:
        return list(Connection._shared.values())


@atexit.register
def close_connections() -> None:
    """Close every client of this process."""
    for connection in connections_in_use():
        connection.close()


def _new_locks() -> None:
    # A lock that another thread held at the fork would be held for ever in the child.
    Connection._shared_lock = threading.Lock()
    for connection in Connection._shared.values():
        connection._lock = threading.Lock()


os.register_at_fork(after_in_child=_new_locks)
