"""The bare driver of PostgreSQL with pgvector, as careful as without it.

Rows of a document go in by COPY in binary, since vectors as text are slow to make and to read. No
vector and no text is checked.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from pgvector import Vector as PgVector
from pgvector.psycopg import register_vector

from bench.store_cases.postgresql import PostgresSide
from config import limits


class VectorSide(PostgresSide[Any]):
    """Passages that belong together replace those that were there."""

    CLEAR: ClassVar[str]
    COPY: ClassVar[str]
    TYPES: ClassVar[Sequence[str]]
    SEARCH: ClassVar[str]

    def __init__(self, url: str) -> None:
        super().__init__(url)
        register_vector(self._connection)
        self._connection.execute("SET hnsw.iterative_scan = strict_order")

    def write(self, record: Any) -> None:
        self.write_batch([record])

    def write_batch(self, records: Sequence[Any]) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(self.CLEAR, [self._owner(records[0][0])], prepare=True)
            with cursor.copy(self.COPY) as copy:
                copy.set_types(self.TYPES)
                for record in records:
                    copy.write_row(self._row(record))

    @abstractmethod
    def _owner(self, passage: Any) -> object:
        """What the passages belong to."""

    def _found(self, vector: Any, *values: object) -> object:
        text = PgVector(vector).to_text()
        # Not prepared: the best plan depends on how large the class is.
        given = [text, *values, limits.SEARCH_RESULTS]
        rows = self._connection.execute(self.SEARCH, given, prepare=False, binary=True)
        return [(id_, 1 - distance) for id_, distance in rows]


class Documents(VectorSide):
    """Passages of a document, searched within a class."""

    CLEAR = "DELETE FROM document_vectors WHERE document_id = %s"
    COPY = """
        COPY document_vectors (id, document_id, classroom_id, document_type, filename,
            page_number, chunk_index, text, created_at, embedding) FROM STDIN (FORMAT BINARY)
    """
    TYPES = "uuid uuid uuid text text int4 int4 text timestamptz vector".split()  # noqa: SIM905
    SEARCH = """
        SELECT id, embedding <=> %s::vector AS distance
        FROM document_vectors WHERE classroom_id = ANY(%s) ORDER BY distance LIMIT %s
    """

    def read(self, record: Any) -> object:
        return self._found(record[1], [record[0].classroom_id])

    def _owner(self, passage: Any) -> object:
        return passage.document_id

    def _row(self, record: Any) -> tuple[Any, ...]:
        passage, vector = record
        return (
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


class WebContent(VectorSide):
    """Passages of a web page, searched everywhere."""

    CLEAR = "DELETE FROM web_vectors WHERE source_url = %s"
    COPY = """
        COPY web_vectors (id, source_url, title, topic, text, ingested_at, embedding)
        FROM STDIN (FORMAT BINARY)
    """
    TYPES = "uuid text text text text timestamptz vector".split()  # noqa: SIM905
    SEARCH = """
        SELECT id, embedding <=> %s::vector AS distance
        FROM web_vectors ORDER BY distance LIMIT %s
    """

    def read(self, record: Any) -> object:
        return self._found(record[1])

    def _owner(self, passage: Any) -> object:
        return passage.source_url

    def _row(self, record: Any) -> tuple[Any, ...]:
        passage, vector = record
        return (
            passage.id,
            passage.source_url,
            passage.title,
            passage.topic,
            passage.text,
            passage.ingested_at,
            vector,
        )


SIDES: dict[str, type[VectorSide]] = {"documents": Documents, "web_content": WebContent}
