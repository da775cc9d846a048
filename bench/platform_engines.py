"""The platform's own path: a class's material, found by the teacher's search."""

import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any, ClassVar

import psycopg
from django.conf import settings
from pgvector import Vector as PgVector
from qdrant_client import models

from accounts.services import user_create
from bench.engines import Found, PlatformEngine
from classrooms.selectors import classroom_ids_of
from classrooms.services import classroom_create
from config import store_settings
from config.connections.qdrant import MEMORY, QdrantConnection
from config.errors import DomainError
from config.stores import prepare_all, stores
from retrieval.embedders import get_embedder
from retrieval.hybrid import SearchMode
from retrieval.lexical.analysis import get_analyzer
from retrieval.lexical.index import search_sql
from retrieval.services import documents_ingest_files, search_documents
from retrieval.stores.base import HNSW_EF_CONSTRUCT, Vector

# What a search needs of a passage, by the same index.
_DENSE = """
    SELECT id, document_id, classroom_id, document_type, filename, page_number, chunk_index, text,
        created_at, embedding <=> %s::vector AS distance
    FROM document_vectors WHERE classroom_id = ANY(%s) ORDER BY distance LIMIT %s
"""
_TEXTS = "SELECT id, document_id, page_number, text FROM document_chunks WHERE id = ANY(%s)"


class _Platform(PlatformEngine):
    """A new class of a new teacher."""

    def __init__(self) -> None:
        self._teacher = user_create(
            actor=None,
            email=f"{token_hex(8)}@bench.example",
            password=token_hex(16),
            role="teacher",
        )
        self._classroom = classroom_create(actor=self._teacher, name="Benchmark")
        self._classroom_ids = classroom_ids_of(self._teacher)
        # A connection that knows nothing of Django.
        self._bare = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._bare.execute("SET hnsw.iterative_scan = strict_order")

    def ingest(self, files: Sequence[Path]) -> int:
        passages = 0
        for _, result in documents_ingest_files(
            classroom=self._classroom,
            files=[(file, file.name) for file in files],
            actor=self._teacher,
        ):
            if isinstance(result, DomainError):
                raise result
            passages += result.document.chunks
        return passages

    def search(self, query: str, limit: int, mode: str) -> list[Found]:
        found = search_documents(
            user=self._teacher, query=query, mode=SearchMode(mode), limit=limit
        )
        return [Found(hit.passage.filename, hit.passage.page_number) for hit in found.hits]

    def search_bare(self, query: str, limit: int, mode: str) -> None:
        if mode != "sparse":
            self._nearest(get_embedder().encode([query])[0], limit)
        if mode != "dense":
            terms = list(get_analyzer().query_terms(query))
            sql, values = search_sql(
                terms,
                table="document_chunks",
                condition="classroom_id = ANY(%s)",
                values=[self._classroom_ids],
                limit=limit,
            )
            rows = self._bare.execute(sql, values).fetchall()
            self._bare.execute(_TEXTS, [[row[0] for row in rows]]).fetchall()

    @abstractmethod
    def _nearest(self, vector: Vector, limit: int) -> None:
        """The nearest passages with their texts, by the engine's own client."""


class PgvectorPlatform(_Platform):
    """Vectors in PostgreSQL."""

    def _nearest(self, vector: Vector, limit: int) -> None:
        text = PgVector(vector).to_text()
        self._bare.execute(_DENSE, [text, self._classroom_ids, limit]).fetchall()


class QdrantPlatform(_Platform):
    """Vectors in the Qdrant of QDRANT_URL, else in its client's local mode."""

    url: ClassVar[str] = os.environ.get("QDRANT_URL") or MEMORY
    api_key: ClassVar[str] = os.environ.get("QDRANT_API_KEY", "")

    @classmethod
    def is_exact(cls) -> bool:
        return cls.url == MEMORY

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[None]:
        before = settings.STORES
        stores.close()
        settings.STORES = before | store_settings.qdrant_stores(cls.url, api_key=cls.api_key)
        for _ in prepare_all():
            pass
        try:
            yield
        finally:
            stores.close()
            settings.STORES = before

    def _nearest(self, vector: Vector, limit: int) -> None:
        connection = QdrantConnection.to(self.url, api_key=self.api_key)
        wanted: Any = models.MatchAny(any=[str(id_) for id_ in self._classroom_ids])
        connection.client.query_points(
            "documents",
            query=vector.tolist(),
            query_filter=models.Filter(
                must=[models.FieldCondition(key="classroom_id", match=wanted)]
            ),
            search_params=models.SearchParams(hnsw_ef=HNSW_EF_CONSTRUCT),
            limit=limit,
            with_payload=True,
        )
