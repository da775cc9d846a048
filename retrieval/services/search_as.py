"""A search as somebody else, for an admin who wants to know what that person finds."""

from typing import Any

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from retrieval.results import SearchResult
from retrieval.services.search import FoundPassage, search_documents


def search_documents_as(
    *, actor: User, user: User, query: str, **options: Any
) -> SearchResult[FoundPassage]:
    """What `search_documents` (with the same options) gives this user, with their rights only.

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
    return search_documents(user=user, query=query, **options)
