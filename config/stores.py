"""The stores: one settings dict, `STORES`, maps a name to its engine, opened lazily.

The pattern is that of Django's own caches: `STORES["transcripts"]["BACKEND"]` is a dotted
path to a class that implements the store's interface (the interface stands beside its
engines, in the app that owns the data). There is one engine object per name and process,
made at its first use, so never before a fork.
"""

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from config.connections.base import Connection
from config.errors import DomainError

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """Something that must be there before a store can be used: a table, a collection, an index.

    `find` gives what is there in the words of `expected`, None if nothing is. `create` makes
    what is missing, and is never called for what is there but differs. What is `optional` may
    be refused by some servers (a validator), and the store works all the same.
    """

    name: str
    expected: str
    find: Callable[[], str | None]
    create: Callable[[], None]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class SchemaState:
    """An object of the schema as it was found.

    `state` is "ok", "created", "missing", "differs" or "not kept".
    """

    name: str
    state: str
    detail: str = ""
    optional: bool = False

    @property
    def ok(self) -> bool:
        """Whether the store can be used as it is."""
        return self.state in ("ok", "created", "not kept") or (
            self.state == "missing" and self.optional
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.state}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """A part of a store's records; `next` is where the rest begins, None at the end."""

    records: Sequence[Record]
    next: str | None


class Store(ABC, Generic[Record]):
    """What every engine of every store has beside its domain methods.

    `options` is the store's OPTIONS of the settings. The constructor opens nothing.
    """

    engine: ClassVar[str]  # a short name, e.g. "postgresql", shown to operators
    copy_batch: ClassVar[int] = 1000  # records that are copied at once

    def __init__(self, **options: Any) -> None:
        self.options = options

    @property
    @abstractmethod
    def connection(self) -> Connection[Any]:
        """The way to the engine's server, shared with the other stores that it holds."""

    @abstractmethod
    def schema(self) -> Sequence[SchemaObject]:
        """What the engine needs, in the order in which it is made."""

    @abstractmethod
    def scan(self, *, after: str | None = None, limit: int) -> Page[Record]:
        """About `limit` records in the engine's own stable order, from where `after` says.

        `after` is the `next` of an earlier page, of this process or another. For copying.
        """

    @abstractmethod
    def load(self, records: Sequence[Record]) -> None:
        """Write records as they are, over those with the same key. Twice is the same as once."""

    def ends(self, record: Record) -> datetime | None:
        """When the record's retention is over; None if it is kept for ever."""
        return None

    def estimate(self) -> int | None:
        """About how many records there are, where the engine can tell quickly."""
        return None

    def prepare(self) -> Iterator[SchemaState]:
        """Create what is missing (idempotent); never changes what is there."""
        for item in self.schema():
            state = _state(item)
            if state.state == "missing":
                try:
                    item.create()
                except DomainError as error:
                    error.detail = f"{item.name}: {error.detail}"
                    raise
                state = _state(item)
                if state.state == "ok":
                    state = SchemaState(item.name, "created")
                elif state.state == "missing" and item.optional:
                    state = SchemaState(item.name, "not kept", "this server does not have it")
            yield state

    def inspect(self) -> Iterator[SchemaState]:
        """The state of every object of the schema, changing nothing."""
        return (_state(item) for item in self.schema())

    def purge(self, now: datetime) -> int:
        """Remove what has outlived its retention; how many rows went. 0 if the engine does it."""
        return 0

    def close(self) -> None:
        """Let go of connections; the next use opens them again."""
        self.connection.close()


def _state(item: SchemaObject) -> SchemaState:
    found = item.find()
    if found is None:
        return SchemaState(item.name, "missing", optional=item.optional)
    if found != item.expected:
        return SchemaState(item.name, "differs", f"expected {item.expected}, found {found}")
    return SchemaState(item.name, "ok")


class StoreHandler:
    """Engines by name, made when first asked for, once per process (also after a fork)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stores: dict[str, Store[Any]] = {}

    def __getitem__(self, name: str) -> Any:
        with self._lock:
            if name not in self._stores:
                self._stores[name] = self._create(name)
            return self._stores[name]

    def __iter__(self) -> Iterator[str]:
        return iter(settings.STORES)

    def _create(self, name: str) -> Store[Any]:
        try:
            config = settings.STORES[name]
        except KeyError:
            raise ImproperlyConfigured(f"STORES has no entry {name!r}") from None
        return open_store(config)

    def reset(self) -> None:
        """Forget every engine, as a forked child must."""
        self._lock = threading.Lock()
        self._stores = {}

    def close(self) -> None:
        """Close every engine that this process has opened."""
        with self._lock:
            opened, self._stores = self._stores, {}
        for store in opened.values():
            store.close()


def open_store(config: dict[str, Any]) -> Store[Any]:
    """The engine of an entry of STORES: {"BACKEND": dotted path, "OPTIONS": {…}}."""
    store: Store[Any] = import_string(config["BACKEND"])(**config.get("OPTIONS", {}))
    return store


stores = StoreHandler()
# A lock that another thread held at the fork would be held for ever in the child.
os.register_at_fork(after_in_child=stores.reset)


def prepare_all() -> Iterator[tuple[str, SchemaState]]:
    """Prepare every store in the order of the settings: its name and a state per object."""
    for name in stores:
        for state in stores[name].prepare():
            yield name, state


def purge_all(now: datetime) -> dict[str, int]:
    """Remove from every store what has outlived its retention; rows removed, by store."""
    return {name: stores[name].purge(now) for name in stores}
