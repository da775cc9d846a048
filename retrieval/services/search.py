"""Search in the material of one's classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.models import User
from classrooms.selectors import classroom_ids_of
from config import limits
from config.errors import InvalidInput, NotFound
from retrieval.embedders import get_embedder
from retrieval.guards import require_unlocked
from retrieval.stores.base import DocumentHit, DocumentPassage, Vector, document_vectors

_LIVING = "SELECT id FROM documents WHERE id = ANY(%s) AND classroom_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that answers: `rank` counts from 1, `score` is the cosine similarity."""

    rank: int
    score: float
    passage: DocumentPassage


def search_documents(
    *,
    user: User,
    query: str,
    classroom_ids: Sequence[UUID] | None = None,
    document_type: str | None = None,
    document_id: UUID | None = None,
    limit: int = limits.SEARCH_RESULTS,
) -> list[SearchHit]:
    """The passages nearest to the query in the classes that the user belongs to.

    `classroom_ids` narrows that down; a class that is not the user's is NotFound. Raises
    NotAllowed while an attempt of the user's locks the search.
    """
    require_unlocked(user)
    vector = get_embedder().encode([clean_query(query)])[0]
    return nearest(
        vector,
        classroom_ids=_allowed(user, classroom_ids),
        document_type=document_type,
        document_id=document_id,
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


def nearest(
    vector: Vector,
    *,
    classroom_ids: Sequence[UUID],
    limit: int,
    document_type: str | None = None,
    document_id: UUID | None = None,
) -> list[SearchHit]:
    """The nearest passages of documents that still exist in these classes."""
    found = document_vectors().search(
        vector,
        classroom_ids=classroom_ids,
        limit=limit,
        document_type=document_type,
        document_id=document_id,
    )
    # A store that lags behind the ledger must not show what has been deleted.
    alive = _living(found, classroom_ids)
    living = [hit for hit in found if hit.passage.document_id in alive]
    return [SearchHit(rank, hit.score, hit.passage) for rank, hit in enumerate(living, start=1)]


def _living(hits: Sequence[DocumentHit], classroom_ids: Sequence[UUID]) -> set[UUID]:
    documents = list({hit.passage.document_id for hit in hits})
    with connection.cursor() as cursor:
        cursor.execute(_LIVING, [documents, list(classroom_ids)])
        return {row[0] for row in cursor.fetchall()}


def _allowed(user: User, wanted: Sequence[UUID] | None) -> list[UUID]:
    mine = classroom_ids_of(user)
    if wanted is None:
        return mine
    if not set(wanted) <= set(mine):
        raise NotFound("No such class, or it is not yours.", code="unknown_classroom")
    return list(wanted)
