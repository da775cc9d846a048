"""The vector stores' interfaces: `documents` (a class's material) and `web_content`."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from config.stores import Store, stores

Vector = NDArray[np.float32]  # [384], length 1

# The spec's collections: all-MiniLM-L6-v2, cosine.
DIMENSIONS = 384
HNSW_M = 16
HNSW_EF_CONSTRUCT = 128


@dataclass(frozen=True, slots=True)
class DocumentPassage:
    """The spec's payload of the collection `documents`, and the document it belongs to."""

    id: UUID
    document_id: UUID
    classroom_id: UUID
    document_type: str
    filename: str
    page_number: int | None
    chunk_index: int
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WebPassage:
    """The spec's payload of the collection `web_content`."""

    id: UUID
    source_url: str
    title: str
    topic: str
    text: str
    ingested_at: datetime


DocumentPoint = tuple[DocumentPassage, Vector]
WebPoint = tuple[WebPassage, Vector]


@dataclass(frozen=True, slots=True)
class VectorHit:
    """A passage's id and its cosine similarity to the query, -1 to 1.

    No more: what is shown of it comes from the ledger, which knows whether it still exists.
    """

    id: UUID
    score: float


class DocumentVectors(Store[DocumentPoint]):
    """Passages of documents with their vectors, found by similarity within classes."""

    @abstractmethod
    def replace(self, document_id: UUID, points: Iterable[DocumentPoint]) -> int:
        """Make these the document's only passages, all or none; how many they are."""

    def replace_all(self, documents: Mapping[UUID, Iterable[DocumentPoint]]) -> int:
        """`replace` for each of these documents; how many passages they have."""
        return sum(self.replace(document_id, points) for document_id, points in documents.items())

    @abstractmethod
    def search(
        self,
        vector: Vector,
        *,
        classroom_ids: Sequence[UUID],
        limit: int,
        document_type: str | None = None,
        document_ids: Sequence[UUID] | None = None,
    ) -> list[VectorHit]:
        """The nearest passages of these classes, nearest first; of no class: none.

        `document_ids` narrows that down to these documents (of an empty list: none).
        """

    @abstractmethod
    def delete(self, document_ids: Sequence[UUID]) -> int:
        """Remove these documents' passages; of no document: none. How many went."""

    @abstractmethod
    def count(self, *, classroom_ids: Sequence[UUID] | None = None) -> int:
        """How many passages there are in these classes (None: in all)."""


class WebVectors(Store[WebPoint]):
    """Passages of web pages with their vectors, found by similarity."""

    @abstractmethod
    def replace(self, source_url: str, points: Iterable[WebPoint]) -> int:
        """Make these the page's only passages, all or none; how many they are."""

    @abstractmethod
    def search(self, vector: Vector, *, limit: int, topic: str | None = None) -> list[VectorHit]:
        """The nearest passages, nearest first."""

    @abstractmethod
    def delete(self, source_urls: Sequence[str]) -> int:
        """Remove these pages' passages. How many went."""

    @abstractmethod
    def count(self) -> int:
        """How many passages there are."""


def document_vectors() -> DocumentVectors:
    """The engine that the settings choose for `documents`."""
    store: DocumentVectors = stores["documents"]
    return store


def web_vectors() -> WebVectors:
    """The engine that the settings choose for `web_content`."""
    store: WebVectors = stores["web_content"]
    return store
