"""The platform's own path on pgvector: a class's material, found by the teacher's search."""

import os
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

import psycopg
from pgvector import Vector

from accounts.services import user_create
from bench.engines import Found, PlatformEngine
from classrooms.selectors import classroom_ids_of
from classrooms.services import classroom_create
from config.errors import DomainError
from retrieval.embedders import get_embedder
from retrieval.services import documents_ingest_files, search_documents

# What the platform's search needs of a passage, by the same index.
_SEARCH = """
    SELECT id, document_id, classroom_id, document_type, filename, page_number, chunk_index, text,
        created_at, embedding <=> %s::vector AS distance
    FROM document_vectors WHERE classroom_id = ANY(%s) ORDER BY distance LIMIT %s
"""


class PgvectorPlatform(PlatformEngine):
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

    def search(self, query: str, limit: int) -> list[Found]:
        hits = search_documents(user=self._teacher, query=query, limit=limit)
        return [Found(hit.passage.filename, hit.passage.page_number) for hit in hits]

    def search_bare(self, query: str, limit: int) -> None:
        vector = Vector(get_embedder().encode([query])[0]).to_text()
        self._bare.execute(_SEARCH, [vector, self._classroom_ids, limit]).fetchall()
