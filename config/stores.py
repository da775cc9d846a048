"""The stores: one settings dict, `STORES`, maps a name to its engine, opened lazily.

The pattern is that of Django's own caches: `STORES["transcripts"]["BACKEND"]` is a dotted
path to a class that implements the store's interface (the interface stands beside its
engines, in the app that owns the data). There is one engine object per name and process,
made at its first use, so never before a fork.
"""

import atexit
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


class Store(ABC):
    """What every engine of every store has beside its domain methods.

    `options` is the store's OPTIONS of the settings. The constructor opens nothing.
    """

    engine: ClassVar[str]  # a short name, e.g. "postgresql", shown to operators

    def __init__(self, **options: Any) -> None:
        self.options = options

    @abstractmethod
    def prepare(self) -> Iterator[str]:
        """Create what the engine needs (idempotent) and yield a line per object."""

    @abstractmethod
    def purge(self, now: datetime) -> int:
        """Remove what has outlived its retention; how many rows went. 0 if the engine does it."""

    def close(self) -> None:  # noqa: B027 - most engines hold nothing open
        """Let go of connections; called once when the process ends."""


class StoreHandler:
    """Engines by name, made when first asked for, once per process (also after a fork)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stores: dict[str, Store] = {}
        self._pid = os.getpid()

    def __getitem__(self, name: str) -> Any:
        with self._lock:
            if self._pid != os.getpid():  # an engine's client must not cross a fork
                self._stores, self._pid = {}, os.getpid()
            if name not in self._stores:
                self._stores[name] = self._create(name)
            return self._stores[name]

    def __iter__(self) -> Iterator[str]:
        return iter(settings.STORES)

    def _create(self, name: str) -> Store:
        try:
            config = settings.STORES[name]
        except KeyError:
            raise ImproperlyConfigured(f"STORES has no entry {name!r}") from None
        store: Store = import_string(config["BACKEND"])(**config.get("OPTIONS", {}))
        return store

    def close(self) -> None:
        """Close every engine that this process has opened."""
        with self._lock:
            opened = self._stores if self._pid == os.getpid() else {}
            self._stores = {}
        for store in opened.values():
            store.close()


stores = StoreHandler()
atexit.register(stores.close)


def prepare_all() -> Iterator[str]:
    """Prepare every store in the order of the settings; a progress line per object."""
    for name in stores:
        for line in stores[name].prepare():
            yield f"{name} ({stores[name].engine}): {line}"


def purge_all(now: datetime) -> dict[str, int]:
    """Remove from every store what has outlived its retention; rows removed, by store."""
    return {name: stores[name].purge(now) for name in stores}
