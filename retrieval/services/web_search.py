"""Search in the school's web pages, which everyone who is signed in may search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from config import limits
from config.connections.postgresql_store import fetch
from retrieval.guards import require_unlocked
from retrieval.hybrid import SearchMode, embedding_of, find_candidates
from retrieval.lexical.index import LexicalHit, search_terms
from retrieval.results import Passages, SearchResult, make_hits
from retrieval.services.search import clean_query
from retrieval.stores.base import Vector, web_vectors

_PASSAGES = """
    SELECT c.id, p.id, p.source_url, p.title, p.topic, c.chunk_index, c.headings, c.text,
        p.ingested_at, c.terms
    FROM web_chunks c JOIN web_pages p ON p.id = c.page_id
    WHERE c.id = ANY(%s) AND {condition}
"""


@dataclass(frozen=True, slots=True)
class FoundWebPassage:
    """A passage of a web page as the ledger has it."""

    id: UUID
    page_id: UUID
    source_url: str
    title: str
    topic: str
    chunk_index: int
    headings: list[str]
    text: str
    ingested_at: datetime


def search_web(
    *,
    user: User,
    query: str,
    topic: str | None = None,
    ingested_after: datetime | None = None,
    ingested_before: datetime | None = None,
    mode: SearchMode = SearchMode.HYBRID,
    limit: int = limits.SEARCH_RESULTS,
) -> SearchResult[FoundWebPassage]:
    """The passages of web pages that answer the query best.

    Raises NotAllowed while an attempt of the user's locks the search.
    """
    require_unlocked(user)
    query, limit = clean_query(query), min(limit, limits.SEARCH_RESULTS_MAX)
    wanted = (
        ("p.topic = %s", topic),
        ("p.ingested_at >= %s", ingested_after),
        ("p.ingested_at < %s", ingested_before),
    )
    values = [value for _, value in wanted if value is not None]
    condition = " AND ".join(name for name, value in wanted if value is not None) or "true"

    def dense(vector: Vector, depth: int) -> list[tuple[UUID, float]]:
        return [
            (hit.id, hit.score) for hit in web_vectors().search(vector, limit=depth, topic=topic)
        ]

    def lexical(terms: Sequence[int], depth: int) -> list[LexicalHit]:
        narrowed = f"page_id IN (SELECT p.id FROM web_pages p WHERE {condition})"  # noqa: S608 - ours
        return search_terms(
            terms,
            table="web_chunks",
            condition=narrowed if values else "true",
            values=values,
            limit=depth,
        )

    depth = max(limits.SEARCH_DEPTH, 2 * limit)
    with embedding_of(query, mode) as vector:
        found = find_candidates(
            query, mode=mode, vector=vector, dense=dense, lexical=lexical, depth=depth
        )

    def load(ids: Sequence[UUID]) -> Passages[FoundWebPassage]:
        """Those that still exist."""
        rows = fetch(_PASSAGES.format(condition=condition), [list(ids), *values])
        return {row[0]: (FoundWebPassage(*row[:-1]), frozenset(row[-1])) for row in rows}

    return SearchResult(make_hits(found, load, limit), found.degraded)
