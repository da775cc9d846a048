"""The tables and indexes of the vectors in PostgreSQL, as they are made and as they are found."""

from functools import partial

from django.db import connection

from config.connections.postgresql import postgres_available
from config.stores import SchemaObject
from retrieval.stores.base import DIMENSIONS, HNSW_EF_CONSTRUCT, HNSW_M

_FIND_EXTENSION = "SELECT extname FROM pg_extension WHERE extname = %s"
_FIND_TABLE = """
    SELECT string_agg(
        attname || ' ' || format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY attnum)
    FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
# Without the schema's name, which is not ours to know.
_FIND_INDEX = "SELECT regexp_replace(pg_get_indexdef(to_regclass(%s)), ' ON \\w+\\.', ' ON ')"


def _run(sql: str) -> None:
    with postgres_available(), connection.cursor() as cursor:
        cursor.execute(sql)


def _find(sql: str, name: str) -> str | None:
    with postgres_available(), connection.cursor() as cursor:
        cursor.execute(sql, [name])
        row = cursor.fetchone()
    return row[0] if row else None


def _extension(name: str) -> SchemaObject:
    return SchemaObject(
        name=f"extension {name}",
        expected=name,
        find=partial(_find, _FIND_EXTENSION, name),
        create=partial(_run, f"CREATE EXTENSION IF NOT EXISTS {name}"),
    )


def _table(name: str, columns: str, constraint: str = "") -> SchemaObject:
    return SchemaObject(
        name=f"table {name}",
        expected=columns,
        find=partial(_find, _FIND_TABLE, name),
        create=partial(
            _run, f"CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY (id){constraint})"
        ),
    )


def _index(name: str, definition: str) -> SchemaObject:
    """`definition` is what follows CREATE INDEX, in PostgreSQL's own words."""
    return SchemaObject(
        name=f"index {name}",
        expected=f"CREATE INDEX {name} {definition}",
        find=partial(_find, _FIND_INDEX, name),
        create=partial(_run, f"CREATE INDEX IF NOT EXISTS {name} {definition}"),
    )


def _hnsw(table: str) -> str:
    return (
        f"ON {table} USING hnsw (embedding vector_cosine_ops)"
        f" WITH (m='{HNSW_M}', ef_construction='{HNSW_EF_CONSTRUCT}')"
    )


# The b-tree on classroom_id is what keeps recall: with the vector index alone, a filter that
# few rows pass loses nearly all of them.
DOCUMENTS = [
    _extension("vector"),
    _table(
        "document_vectors",
        "id uuid NOT NULL, document_id uuid NOT NULL, classroom_id uuid NOT NULL, "
        "document_type text NOT NULL, filename text NOT NULL, page_number integer, "
        "chunk_index integer NOT NULL, text text NOT NULL, "
        f"created_at timestamp with time zone NOT NULL, embedding vector({DIMENSIONS}) NOT NULL",
        ", UNIQUE (document_id, chunk_index)",
    ),
    _index(
        "idx_document_vectors_classroom",
        "ON document_vectors USING btree (classroom_id, document_type)",
    ),
    _index("idx_document_vectors_embedding", _hnsw("document_vectors")),
]
WEB = [
    _extension("vector"),
    _table(
        "web_vectors",
        "id uuid NOT NULL, source_url text NOT NULL, title text NOT NULL, topic text NOT NULL, "
        "text text NOT NULL, ingested_at timestamp with time zone NOT NULL, "
        f"embedding vector({DIMENSIONS}) NOT NULL",
    ),
    _index("idx_web_vectors_source_url", "ON web_vectors USING btree (source_url, id)"),
    _index("idx_web_vectors_topic", "ON web_vectors USING btree (topic)"),
    _index("idx_web_vectors_embedding", _hnsw("web_vectors")),
]
