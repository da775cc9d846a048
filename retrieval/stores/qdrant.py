"""Vectors in Qdrant: a collection a store, with the spec's payload.

Qdrant has no transactions. A point's id follows from its document (or page) and its place there,
so what was cut short is put right by doing it again.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic
from uuid import UUID

import numpy as np
from qdrant_client import models

from config import limits
from config.connections.qdrant import QdrantConnection
from config.stores import Page, SchemaObject, Store
from retrieval.stores import qdrant_schema
from retrieval.stores.base import (
    HNSW_EF_CONSTRUCT,
    DocumentPassage,
    DocumentVectors,
    Vector,
    VectorHit,
    WebPassage,
    WebVectors,
)
from retrieval.stores.points import Passage, check_vector, checked, text_bytes


class _QdrantVectors(Store[tuple[Passage, Vector]], Generic[Passage]):
    """What both collections do alike.

    `prefix` stands before the collection's name, so that tests can share a server.
    """

    engine = "qdrant"
    collection: ClassVar[str]
    indexes: ClassVar[Mapping[str, models.KeywordIndexParams]]

    def __init__(self, *, url: str, api_key: str = "", prefix: str = "") -> None:
        super().__init__(url=url, api_key=api_key, prefix=prefix)
        self._name = prefix + self.collection

    @property
    def connection(self) -> QdrantConnection:
        return QdrantConnection.to(self.options["url"], api_key=self.options["api_key"])

    def schema(self) -> list[SchemaObject]:
        return qdrant_schema.schema(self.connection, self._name, self.indexes)

    def scan(self, *, after: str | None = None, limit: int) -> Page[tuple[Passage, Vector]]:
        """In the order of ids; `next` is the first id of the next page, there or not."""
        with self.connection.using() as client:
            found, following = client.scroll(
                self._name,
                offset=after,
                limit=min(limit, limits.QDRANT_RESULTS_MAX),
                with_payload=True,
                with_vectors=True,
            )
        points = [(self._passage(point), _vector(point)) for point in found]
        return Page(points, None if following is None else str(following))

    def load(self, records: Sequence[tuple[Passage, Vector]]) -> None:
        for batch in _batches(checked(records)):
            self._upsert(batch)

    def estimate(self) -> int | None:
        with self.connection.using() as client:
            return client.count(self._name, exact=False).count

    @abstractmethod
    def _payload(self, passage: Passage) -> dict[str, Any]:
        """The spec's payload."""

    @abstractmethod
    def _passage(self, point: models.Record) -> Passage:
        """A passage out of a point's id and payload."""

    def _replace(
        self, owner: models.FieldCondition, points: Iterable[tuple[Passage, Vector]]
    ) -> int:
        """Write the new points over the old ones, then remove the owner's others.

        Points that can't be made leave the old ones as they are. A crash or an error between two
        requests leaves new and old ones side by side, and a search may find both: whoever called
        must do it again, which makes it as if it had succeeded at once. The ledgers do that: a
        row is not "ready" before this returns. What was written for a document whose row never
        came to be is shown by no search, and the reconciliation removes it.
        """
        new = list(checked(points))
        for batch in _batches(new):
            self._upsert(batch)
        kept = models.HasIdCondition(has_id=[str(passage.id) for passage, _ in new])
        with self.connection.using() as client:
            client.delete(
                self._name,
                points_selector=models.FilterSelector(
                    filter=models.Filter(must=[owner], must_not=[kept] if new else None)
                ),
                wait=True,
            )
        return len(new)

    def _upsert(self, points: Sequence[tuple[Passage, Vector]]) -> None:
        made = [
            models.PointStruct(
                id=str(passage.id), vector=vector.tolist(), payload=self._payload(passage)
            )
            for passage, vector in points
        ]
        with self.connection.using() as client:
            client.upsert(self._name, points=made, wait=True)

    def _nearest(
        self,
        vector: Vector,
        conditions: Sequence[models.FieldCondition],
        limit: int,
    ) -> list[VectorHit]:
        check_vector(vector)
        with self.connection.using() as client:
            found = client.query_points(
                self._name,
                query=vector.tolist(),
                query_filter=models.Filter(must=list(conditions)) if conditions else None,
                # Where the filter leaves few points Qdrant compares them all; else it walks through
                # the graph, as thoroughly as the graph was built.
                search_params=models.SearchParams(hnsw_ef=HNSW_EF_CONSTRUCT),
                limit=min(limit, limits.QDRANT_RESULTS_MAX),
                with_payload=False,
            ).points
        return [VectorHit(UUID(str(point.id)), point.score) for point in found]

    def _count(self, conditions: Sequence[models.FieldCondition]) -> int:
        with self.connection.using() as client:
            return client.count(
                self._name, count_filter=models.Filter(must=list(conditions)), exact=True
            ).count

    def _delete(self, condition: models.FieldCondition) -> int:
        """How many went, as counted just before: Qdrant does not tell."""
        count = self._count([condition])
        if count:
            chosen = models.FilterSelector(filter=models.Filter(must=[condition]))
            with self.connection.using() as client:
                client.delete(self._name, points_selector=chosen, wait=True)
        return count


class QdrantDocuments(_QdrantVectors[DocumentPassage], DocumentVectors):
    """The collection `documents`: the spec's payload, and `document_id`."""

    collection = "documents"
    indexes = qdrant_schema.DOCUMENTS

    def replace(self, document_id: UUID, points: Iterable[tuple[DocumentPassage, Vector]]) -> int:
        return self._replace(_is("document_id", document_id), points)

    def search(
        self,
        vector: Vector,
        *,
        classroom_ids: Sequence[UUID],
        limit: int,
        document_type: str | None = None,
        document_ids: Sequence[UUID] | None = None,
    ) -> list[VectorHit]:
        # An empty list of values must never come near a filter.
        if not classroom_ids or limit < 1 or document_ids == []:
            return []
        conditions = [_is_any("classroom_id", classroom_ids)]
        if document_type is not None:
            conditions.append(_is("document_type", document_type))
        if document_ids is not None:
            conditions.append(_is_any("document_id", document_ids))
        return self._nearest(vector, conditions, limit)

    def delete(self, document_ids: Sequence[UUID]) -> int:
        # An empty list of values must never come near a filter.
        return self._delete(_is_any("document_id", document_ids)) if document_ids else 0

    def count(self, *, classroom_ids: Sequence[UUID] | None = None) -> int:
        if classroom_ids is None:
            return self._count([])
        return self._count([_is_any("classroom_id", classroom_ids)]) if classroom_ids else 0

    def _payload(self, passage: DocumentPassage) -> dict[str, Any]:
        return {
            "text": passage.text,
            "classroom_id": str(passage.classroom_id),
            "document_id": str(passage.document_id),
            "document_type": passage.document_type,
            "filename": passage.filename,
            "page_number": passage.page_number,
            "chunk_index": passage.chunk_index,
            "created_at": _moment(passage.created_at),
        }

    def _passage(self, point: models.Record) -> DocumentPassage:
        payload = point.payload or {}
        return DocumentPassage(
            id=UUID(str(point.id)),
            document_id=UUID(payload["document_id"]),
            classroom_id=UUID(payload["classroom_id"]),
            document_type=payload["document_type"],
            filename=payload["filename"],
            page_number=payload.get("page_number"),
            chunk_index=payload["chunk_index"],
            text=payload["text"],
            created_at=datetime.fromisoformat(payload["created_at"]),
        )


class QdrantWebContent(_QdrantVectors[WebPassage], WebVectors):
    """The collection `web_content`."""

    collection = "web_content"
    indexes = qdrant_schema.WEB

    def replace(self, source_url: str, points: Iterable[tuple[WebPassage, Vector]]) -> int:
        return self._replace(_is("source_url", source_url), points)

    def search(self, vector: Vector, *, limit: int, topic: str | None = None) -> list[VectorHit]:
        if limit < 1:
            return []
        conditions = [] if topic is None else [_is("topic", topic)]
        return self._nearest(vector, conditions, limit)

    def delete(self, source_urls: Sequence[str]) -> int:
        # An empty list of values must never come near a filter.
        return self._delete(_is_any("source_url", source_urls)) if source_urls else 0

    def count(self) -> int:
        return self._count([])

    def _payload(self, passage: WebPassage) -> dict[str, Any]:
        return {
            "text": passage.text,
            "source_url": passage.source_url,
            "title": passage.title,
            "topic": passage.topic,
            "ingested_at": _moment(passage.ingested_at),
        }

    def _passage(self, point: models.Record) -> WebPassage:
        payload = point.payload or {}
        return WebPassage(
            id=UUID(str(point.id)),
            source_url=payload["source_url"],
            title=payload["title"],
            topic=payload["topic"],
            text=payload["text"],
            ingested_at=datetime.fromisoformat(payload["ingested_at"]),
        )


def _is(key: str, value: UUID | str) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=str(value)))


def _is_any(key: str, values: Sequence[UUID] | Sequence[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=[str(v) for v in values]))


def _batches(
    points: Iterable[tuple[Passage, Vector]],
) -> Iterator[list[tuple[Passage, Vector]]]:
    """Points for one request each, by their number and the bytes of their texts."""
    batch: list[tuple[Passage, Vector]] = []
    size = 0
    for point in points:
        more = text_bytes(point[0])
        if batch and (len(batch) == limits.QDRANT_BATCH or size + more > limits.QDRANT_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(point)
        size += more
    if batch:
        yield batch


def _vector(point: models.Record) -> Vector:
    return np.asarray(point.vector, dtype=np.float32)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
