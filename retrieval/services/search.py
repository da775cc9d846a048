"""Search in the material of one's classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from classrooms.selectors import classroom_ids_of
from config import limits
from config.connections.postgresql_store import fetch
from config.errors import InvalidInput, NotFound
from retrieval.guards import require_unlocked
from retrieval.hybrid import LazyVector, SearchMode, embedding_of, find_candidates
from retrieval.lexical.index import LexicalHit, search_terms
from retrieval.results import Passages, SearchResult, make_hits
from retrieval.stores.base import Vector, document_vectors

# The rows are the truth: what has no row here any more is not shown, whatever a store says.
_PASSAGES = """
    SELECT c.id, c.document_id, c.classroom_id, d.document_type, d.filename, d.content_hash,
        c.page_number, c.start_seconds, c.chunk_index, c.headings, c.text, d.created_at, c.terms
    FROM document_chunks c JOIN documents d ON d.id = c.document_id
    WHERE c.id = ANY(%s) AND c.classroom_id = ANY(%s) AND {condition}
"""
_DOCUMENTS = "SELECT d.id FROM documents d WHERE d.classroom_id = ANY(%s) AND {condition}"


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What a search is narrowed down to, beside the classes; None: not narrowed.

    The dates are those of the document's first upload, the first one included, the second not.
    """

    document_type: str | None = None
    document_id: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None

    def sql(self) -> tuple[str, list[Any]]:
        """A condition on `documents d`, and its values."""
        wanted = (
            ("d.document_type = %s", self.document_type),
            ("d.id = %s", self.document_id),
            ("d.created_at >= %s", self.created_after),
            ("d.created_at < %s", self.created_before),
        )
        given = [(condition, value) for condition, value in wanted if value is not None]
        condition = " AND ".join(condition for condition, _ in given) or "true"
        return condition, [value for _, value in given]

    @property
    def by_document(self) -> bool:
        """Whether it takes the ledger to tell which documents are meant."""
        dates = (self.created_after, self.created_before)
        return self.document_id is not None or any(date is not None for date in dates)


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage as the ledger has it. `start_seconds`: where in a recording it begins.

    `version` is the hash of the file that it was read from.
    """

    id: UUID
    document_id: UUID
    classroom_id: UUID
    document_type: str
    filename: str
    version: str
    page_number: int | None
    start_seconds: float | None
    chunk_index: int
    headings: list[str]
    text: str
    created_at: datetime


def search_documents(
    *,
    user: User,
    query: str,
    classroom_ids: Sequence[UUID] | None = None,
    filters: SearchFilters | None = None,
    mode: SearchMode = SearchMode.HYBRID,
    limit: int = limits.SEARCH_RESULTS,
) -> SearchResult[FoundPassage]:
    """The passages that answer the query best, in the classes that the user belongs to.

    `classroom_ids` narrows that down; a class that is not the user's is NotFound. Raises
    NotAllowed while an attempt of the user's locks the search.
    """
    query = clean_query(query)
    with embedding_of(query, mode) as vector:
        require_unlocked(user)
        return search_classes(
            query,
            vector=vector,
            classroom_ids=_allowed(user, classroom_ids),
            filters=filters or SearchFilters(),
            mode=mode,
            limit=min(limit, limits.SEARCH_RESULTS_MAX),
        )


def clean_query(query: str) -> str:
    """The query without the space around it; InvalidInput when it is empty or too long."""
    query = query.strip()
    if not query:
        raise InvalidInput(errors={"q": ["A search needs at least one word."]})
    if len(query) > limits.SEARCH_QUERY_MAX:
        raise InvalidInput(errors={"q": [f"At most {limits.SEARCH_QUERY_MAX} characters, please."]})
    return query


def search_classes(
    query: str,
    *,
    vector: LazyVector,
    classroom_ids: Sequence[UUID],
    filters: SearchFilters,
    mode: SearchMode,
    limit: int,
) -> SearchResult[FoundPassage]:
    """Search in these classes, which the caller has made sure of; `vector`: of `embedding_of`."""
    if not classroom_ids:
        return SearchResult([])
    condition, values = filters.sql()

    def dense(vector: Vector, depth: int) -> list[tuple[UUID, float]]:
        documents = None
        if filters.by_document:
            sql = _DOCUMENTS.format(condition=condition)
            documents = [row[0] for row in fetch(sql, [list(classroom_ids), *values])]
        hits = document_vectors().search(
            vector,
            classroom_ids=classroom_ids,
            limit=depth,
            document_type=filters.document_type,
            document_ids=documents,
        )
        return [(hit.id, hit.score) for hit in hits]

    def lexical(terms: Sequence[int], depth: int) -> list[LexicalHit]:
        narrowed = f"document_id IN (SELECT d.id FROM documents d WHERE {condition})"  # noqa: S608 - ours
        return search_terms(
            terms,
            table="document_chunks",
            condition=f"classroom_id = ANY(%s) AND {narrowed if values else 'true'}",
            values=[list(classroom_ids), *values],
            limit=depth,
        )

    # Some are folded away, some may be gone: more are looked for than are shown.
    depth = max(limits.SEARCH_DEPTH, 2 * limit)
    found = find_candidates(
        query, mode=mode, vector=vector, dense=dense, lexical=lexical, depth=depth
    )

    def load(ids: Sequence[UUID]) -> Passages[FoundPassage]:
        """Those that still exist in these classes."""
        rows = fetch(
            _PASSAGES.format(condition=condition), [list(ids), list(classroom_ids), *values]
        )
        return {row[0]: (FoundPassage(*row[:-1]), frozenset(row[-1])) for row in rows}

    return SearchResult(make_hits(found, load, limit), found.degraded, found.vector)


def _allowed(user: User, wanted: Sequence[UUID] | None) -> list[UUID]:
    mine = classroom_ids_of(user)
    if wanted is None:
        return mine
    if not set(wanted) <= set(mine):
        raise NotFound("No such class, or it is not yours.", code="unknown_classroom")
    return list(wanted)
