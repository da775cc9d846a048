"""What the benchmark compares: each engine stores passages and searches them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from bench.corpus import Passage
from retrieval.embedders.base import Embedder, Vectors


class Engine(ABC):
    """An engine under test. `store` is called once, before any search."""

    name: str

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder

    @abstractmethod
    def store(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Keep `passages` with their `vectors` [len(passages), dimensions]."""

    @abstractmethod
    def search(self, query: str, limit: int) -> list[Passage]:
        """The `limit` nearest passages, best first."""


class NumpyExact(Engine):
    """Every passage compared with the query: the best that any index can do."""

    name = "numpy-exact"

    def store(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        self._passages = list(passages)
        self._vectors = vectors

    def search(self, query: str, limit: int) -> list[Passage]:
        scores = self._vectors @ self.embedder.encode([query])[0]
        return [self._passages[i] for i in np.argsort(-scores, kind="stable")[:limit]]


ENGINES: dict[str, type[Engine]] = {NumpyExact.name: NumpyExact}
