"""What the benchmark compares: each engine takes files in and searches them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
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
    "langchain": "bench.peers.LangChain",
    "langchain-1000": "bench.peers.LangChainTutorial",
    "pgvector": "bench.platform_engines.PgvectorPlatform",
    "qdrant": "bench.platform_engines.QdrantPlatform",
}


@dataclass(frozen=True, slots=True)
class Found:
    """Where a passage stands: its file's name, and the page from 1 if the file has pages."""

    document: str
    page_number: int | None


class Engine(ABC):
    """An engine under test; a new one is empty."""

    modes: tuple[str, ...] = ("dense",)

    @classmethod
    def running(cls) -> AbstractContextManager[None]:
        """What must be there around the engine's work."""
        return nullcontext()

    @abstractmethod
    def ingest(self, files: Sequence[Path]) -> int:
        """Take the passages of `files` in; how many they are. Called once."""

    @abstractmethod
    def search(self, query: str, limit: int, mode: str) -> list[Found]:
        """The best `limit` passages, best first."""


class PlatformEngine(Engine):
    """An engine inside of the platform, whose speed is measured too."""

    modes = ("dense", "sparse", "hybrid")

    @classmethod
    def is_exact(cls) -> bool:
        """Whether it compares every vector, so that there is no recall to measure."""
        return False

    @abstractmethod
    def search_bare(self, query: str, limit: int, mode: str) -> None:
        """What no search can do without: embed the query, fetch the best passages."""


class ExactEngine(Engine):
    """Every passage compared with the query: the best that any index can do."""

    def search(self, query: str, limit: int, mode: str) -> list[Found]:
        scores = self._vectors @ get_embedder().encode([query])[0]
        return [self._found[i] for i in np.argsort(-scores, kind="stable")[:limit]]

    def keep(self, found: Sequence[Found], texts: Sequence[str]) -> int:
        """Passages and their texts."""
        self._found = found
        self._vectors = get_embedder().encode(texts)
        return len(texts)


class NumpyExact(ExactEngine):
    """The platform's own passages."""

    def ingest(self, files: Sequence[Path]) -> int:
        passages = load_passages(list(files), get_embedder())
        found = [Found(each.document, each.chunk.page_number) for each in passages]
        return self.keep(found, [each.chunk.embedding_text for each in passages])


def engine_class(name: str) -> type[Engine]:
    """The class of an engine in ENGINES."""
    found: type[Engine] = import_string(ENGINES[name])
    return found
