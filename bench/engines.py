"""What the benchmark compares: each engine takes files in and searches them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.module_loading import import_string

from bench.corpus import load_passages
from retrieval.embedders import get_embedder

# Name -> class. A dotted path, as for the stores of the settings: an engine's module may need
# the platform's models, which can be imported only once Django has started.
ENGINES = {
    "numpy-exact": "bench.engines.NumpyExact",
    "pgvector": "bench.pgvector_platform.PgvectorPlatform",
}


@dataclass(frozen=True, slots=True)
class Found:
    """Where a passage stands: its file's name, and the page from 1 if the file has pages."""

    document: str
    page_number: int | None


class Engine(ABC):
    """An engine under test; a new one is empty."""

    @abstractmethod
    def ingest(self, files: Sequence[Path]) -> int:
        """Take the passages of `files` in; how many they are. Called once."""

    @abstractmethod
    def search(self, query: str, limit: int) -> list[Found]:
        """The `limit` nearest passages, best first."""


class PlatformEngine(Engine):
    """An engine inside of the platform, whose speed is measured too."""

    @abstractmethod
    def search_bare(self, query: str, limit: int) -> None:
        """What no search can do without: embed the query, fetch the nearest passages."""


class NumpyExact(Engine):
    """Every passage compared with the query: the best that any index can do."""

    def ingest(self, files: Sequence[Path]) -> int:
        passages = load_passages(list(files), get_embedder())
        self._found = [Found(each.document, each.chunk.page_number) for each in passages]
        self._vectors = get_embedder().encode([each.chunk.embedding_text for each in passages])
        return len(passages)

    def search(self, query: str, limit: int) -> list[Found]:
        scores = self._vectors @ get_embedder().encode([query])[0]
        return [self._found[i] for i in np.argsort(-scores, kind="stable")[:limit]]


def engine_class(name: str) -> type[Engine]:
    """The class of an engine in ENGINES."""
    found: type[Engine] = import_string(ENGINES[name])
    return found
