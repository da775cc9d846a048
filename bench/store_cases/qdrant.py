"""The bare client of Qdrant, on the same collections.

Fair, because it is what a careful person would write for this one purpose: points with the spec's
payload, those of a document in one request, what is left of the document's earlier ones removed.
Payloads are made of the passages; there are no records, no checks and no translated errors.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from qdrant_client import QdrantClient, models

from bench.store_cases.base import Record, Side
from config import limits


class QdrantSide(Side[Record]):
    """One collection, whose points belong to what `OWNER` in their payload says.

    A local mode belongs to one client, so there it is the platform's.
    """

    COLLECTION: ClassVar[str]
    OWNER: ClassVar[str]

    def __init__(self, client: QdrantClient, prefix: str) -> None:
        self._client = client
        self._collection = prefix + self.COLLECTION

    def write(self, record: Record) -> None:
        self.write_batch([record])

    def write_batch(self, records: Sequence[Record]) -> None:
        points = list(map(self._point, records))
        self._client.upsert(self._collection, points=points, wait=True)
        others = models.Filter(
            must=[_is(self.OWNER, points[0].payload[self.OWNER])],
            must_not=[models.HasIdCondition(has_id=[point.id for point in points])],
        )
        self._client.delete(self._collection, points_selector=others, wait=True)

    @abstractmethod
    def _point(self, record: Record) -> Any:
        """A point with the spec's payload."""

    def _nearest(self, vector: Any, **search: Any) -> Sequence[tuple[UUID, float]]:
        found = self._client.query_points(
            self._collection,
            query=vector.tolist(),
            limit=limits.SEARCH_RESULTS,
            with_payload=False,
            **search,
        )
        return [(UUID(str(point.id)), point.score) for point in found.points]


class Documents(QdrantSide[Any]):
    """Passages of a document, searched within a class."""

    COLLECTION = "documents"
    OWNER = "document_id"

    def read(self, record: Any) -> object:
        passage, vector = record
        classes = models.MatchAny(any=[str(passage.classroom_id)])
        return self._nearest(
            vector,
            query_filter=models.Filter(
                must=[models.FieldCondition(key="classroom_id", match=classes)]
            ),
            search_params=models.SearchParams(exact=True),
        )

    def _point(self, record: Any) -> Any:
        passage, vector = record
        payload = {
            "text": passage.text,
            "classroom_id": str(passage.classroom_id),
            "document_id": str(passage.document_id),
            "document_type": passage.document_type,
            "filename": passage.filename,
            "page_number": passage.page_number,
            "chunk_index": passage.chunk_index,
            "created_at": _moment(passage.created_at),
        }
        return models.PointStruct(id=str(passage.id), vector=vector.tolist(), payload=payload)


class WebContent(QdrantSide[Any]):
    """Passages of a web page, searched everywhere."""

    COLLECTION = "web_content"
    OWNER = "source_url"

    def read(self, record: Any) -> object:
        return self._nearest(record[1])

    def _point(self, record: Any) -> Any:
        passage, vector = record
        payload = {
            "text": passage.text,
            "source_url": passage.source_url,
            "title": passage.title,
            "topic": passage.topic,
            "ingested_at": _moment(passage.ingested_at),
        }
        return models.PointStruct(id=str(passage.id), vector=vector.tolist(), payload=payload)


def _is(key: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


SIDES: dict[str, type[QdrantSide[Any]]] = {"documents": Documents, "web_content": WebContent}
