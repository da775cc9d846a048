"""A search as somebody else, for an admin who wants to know what that person finds."""

from collections.abc import Sequence
from uuid import UUID

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from config import limits
from retrieval.hybrid import SearchMode
from retrieval.results import SearchResult
from retrieval.services.search import FoundPassage, SearchFilters, search_documents


def search_documents_as(
    *,
    actor: User,
    user: User,
    query: str,
    classroom_ids: Sequence[UUID] | None = None,
    filters: SearchFilters | None = None,
    mode: SearchMode = SearchMode.HYBRID,
    limit: int = limits.SEARCH_RESULTS,
) -> SearchResult[FoundPassage]:
    """What `search_documents` gives this user, with their rights only.

    For admins; the activity log tells of it, whatever the search gives. Raises what the
    user's own search would raise.
    """
    require(actor, "retrieval.search_as", user)
    activity_record(
        actor=actor,
        action="search_as",
        resource_type="user",
        resource_id=user.pk,
        metadata={"query": query},
    )
    return search_documents(
        user=user,
        query=query,
        classroom_ids=classroom_ids,
        filters=filters,
        mode=mode,
        limit=limit,
    )
