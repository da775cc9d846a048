"""Vectors in PostgreSQL by pgvector: rows that are committed with everything else.

The extension and the tables are made by `prepare`, not by a migration: a PostgreSQL beside
another vector engine needs neither.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from pgvector import Vector as PgVector
from pgvector.psycopg import register_vector

from config import limits
from config.connections.postgresql import PostgresConnection, postgres_available
from config.connections.postgresql_store import copy_in, fetch
from config.stores import Page, SchemaObject
from retrieval.stores import pgvector_schema
from retrieval.stores.base import (
    DocumentPassage,
    DocumentPoint,
    DocumentVectors,
    Vector,
    VectorHit,
    WebPassage,
    WebPoint,
    WebVectors,
)
from retrieval.stores.points import check_vector, checked

_DOCUMENT_COLUMNS = (
    "id, document_id, classroom_id, document_type, filename, page_number, chunk_index, text, "
    "created_at"
)
_DOCUMENT_TYPES = ("uuid", "uuid", "uuid", "text", "text", "int4", "int4", "text", "timestamptz")
_WEB_TYPES = ("uuid", "text", "text", "text", "text", "timestamptz")
_WEB_COLUMNS = "id, source_url, title, topic, text, ingested_at"


class PgvectorDocuments(DocumentVectors):
    """`documents` in the table `document_vectors`."""

    engine = "pgvector"

    @property
    def connection(self) -> PostgresConnection:
        return PostgresConnection.to("default")

    def schema(self) -> list[SchemaObject]:
        return pgvector_schema.DOCUMENTS

    def estimate(self) -> int | None:
        return self.count()

    def replace(self, document_id: UUID, points: Iterable[DocumentPoint]) -> int:
        return self.replace_all({document_id: points})

    def replace_all(self, documents: Mapping[UUID, Iterable[DocumentPoint]]) -> int:
        """All of them or none, by one statement each for what goes and what comes."""
        with transaction.atomic():
            self.delete(list(documents))
            return self._insert(chain.from_iterable(documents.values()))

    def load(self, records: Sequence[DocumentPoint]) -> None:
        with transaction.atomic():
            _delete_ids("document_vectors", [passage.id for passage, _ in records])
            self._insert(records)

    def scan(self, *, after: str | None = None, limit: int) -> Page[DocumentPoint]:
        rows, following = _scan(_DOCUMENT_COLUMNS, "document_vectors", after, limit)
        return Page([(DocumentPassage(*row[:-1]), row[-1]) for row in rows], following)

    def _insert(self, points: Iterable[DocumentPoint]) -> int:
        rows = (
            (
                passage.id,
                passage.document_id,
                passage.classroom_id,
                passage.document_type,
                passage.filename,
                passage.page_number,
                passage.chunk_index,
                passage.text,
                passage.created_at,
                vector,
            )
            for passage, vector in checked(points)
        )
        return _copy("document_vectors", _DOCUMENT_COLUMNS, _DOCUMENT_TYPES, rows)

    def search(
        self,
        vector: Vector,
        *,
        classroom_ids: Sequence[UUID],
        limit: int,
        document_type: str | None = None,
        document_ids: Sequence[UUID] | None = None,
    ) -> list[VectorHit]:
        if not classroom_ids or limit < 1:
            return []
        conditions: list[str] = ["classroom_id = ANY(%s)"]
        values: list[Any] = [list(classroom_ids)]
        if document_type is not None:
            conditions.append("document_type = %s")
            values.append(document_type)
        if document_ids is not None:
            conditions.append("document_id = ANY(%s)")
            values.append(list(document_ids))
        return _nearest("document_vectors", conditions, values, vector, limit)

    def delete(self, document_ids: Sequence[UUID]) -> int:
        return _execute(
            "DELETE FROM document_vectors WHERE document_id = ANY(%s)", [list(document_ids)]
        )

    def count(self, *, classroom_ids: Sequence[UUID] | None = None) -> int:
        if classroom_ids is None:
            return int(fetch("SELECT count(*) FROM document_vectors", [])[0][0])
        sql = "SELECT count(*) FROM document_vectors WHERE classroom_id = ANY(%s)"
        return int(fetch(sql, [list(classroom_ids)])[0][0])


class PgvectorWebContent(WebVectors):
    """`web_content` in the table `web_vectors`."""

    engine = "pgvector"

    @property
    def connection(self) -> PostgresConnection:
        return PostgresConnection.to("default")

    def schema(self) -> list[SchemaObject]:
        return pgvector_schema.WEB

    def estimate(self) -> int | None:
        return self.count()

    def replace(self, source_url: str, points: Iterable[WebPoint]) -> int:
        with transaction.atomic():
            self.delete([source_url])
            return self._insert(points)

    def load(self, records: Sequence[WebPoint]) -> None:
        with transaction.atomic():
            _delete_ids("web_vectors", [passage.id for passage, _ in records])
            self._insert(records)

    def scan(self, *, after: str | None = None, limit: int) -> Page[WebPoint]:
        rows, following = _scan(_WEB_COLUMNS, "web_vectors", after, limit)
        return Page([(WebPassage(*row[:-1]), row[-1]) for row in rows], following)

    def _insert(self, points: Iterable[WebPoint]) -> int:
        rows = (
            (
                passage.id,
                passage.source_url,
                passage.title,
                passage.topic,
                passage.text,
                passage.ingested_at,
                vector,
            )
            for passage, vector in checked(points)
        )
        return _copy("web_vectors", _WEB_COLUMNS, _WEB_TYPES, rows)

    def search(self, vector: Vector, *, limit: int, topic: str | None = None) -> list[VectorHit]:
        if limit < 1:
            return []
        conditions = ["topic = %s"] if topic is not None else ["true"]
        values = [topic] if topic is not None else []
        return _nearest("web_vectors", conditions, values, vector, limit)

    def delete(self, source_urls: Sequence[str]) -> int:
        return _execute("DELETE FROM web_vectors WHERE source_url = ANY(%s)", [list(source_urls)])

    def count(self) -> int:
        return int(fetch("SELECT count(*) FROM web_vectors", [])[0][0])


# As many rows as matter: fewer behind the filter are all compared, because the graph alone would
# give up before it has found them among the others. An order by an expression that no index has
# keeps the planner from the graph.
_FEW = "SELECT count(*) FROM (SELECT FROM {table} WHERE {condition} LIMIT %s) AS first_ones"
_NEAREST = """
    SELECT id, embedding <=> %s::vector AS distance FROM {table} WHERE {condition}
    ORDER BY {order} LIMIT %s
"""


def _nearest(
    table: str, conditions: Sequence[str], values: Sequence[Any], vector: Vector, limit: int
) -> list[VectorHit]:
    check_vector(vector)
    condition, text = " AND ".join(conditions), _to_text(vector)
    ((rows,),) = fetch(
        _FEW.format(table=table, condition=condition), [*values, limits.PGVECTOR_EXACT]
    )
    if rows < limits.PGVECTOR_EXACT:
        order, ordered_by = "(embedding <=> %s::vector) + 0", [text]
    else:
        order, ordered_by = "distance", []
    sql = _NEAREST.format(table=table, condition=condition, order=order)
    # Not prepared: a plan for any class would be wrong for a very small or a very large one.
    found = fetch(sql, [text, *values, *ordered_by, limit], prepare=False)
    return [VectorHit(id_, 1 - distance) for id_, distance in found]


def _scan(
    columns: str, table: str, after: str | None, limit: int
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Rows in the order of their ids, their vectors last, and the id to go on after."""
    condition = "id > %s" if after else "true"
    _register_vector()
    rows = fetch(
        f"SELECT {columns}, embedding FROM {table} WHERE {condition}"  # noqa: S608 - constants
        " ORDER BY id LIMIT %s",
        [*([after] if after else []), limit],
    )
    found = [(*row[:-1], row[-1].to_numpy()) for row in rows]
    return found, str(rows[-1][0]) if len(rows) == limit else None


def _delete_ids(table: str, ids: Sequence[UUID]) -> None:
    _execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(ids)])  # noqa: S608 - constants


def _register_vector() -> None:
    connection.ensure_connection()
    if connection.connection.adapters.types.get("vector") is None:
        register_vector(connection.connection)  # asks the server for the type's number


def _copy(table: str, columns: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> int:
    """Rows whose last value is a vector."""
    _register_vector()
    return copy_in(table, f"{columns}, embedding", [*types, "vector"], rows)


def _to_text(vector: Vector) -> str:
    text: str = PgVector(vector).to_text()
    return text


def _execute(sql: str, values: Sequence[Any] | None = None) -> int:
    with postgres_available(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
