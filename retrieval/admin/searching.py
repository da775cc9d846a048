"""What the admin's pages of searches share: the rate, and errors that are a line of the page."""

from collections.abc import Callable
from typing import TypeVar

from accounts.models import User
from accounts.ratelimit import rate_limit_hit
from config.errors import DomainError
from retrieval.results import HasText, SearchResult

Passage = TypeVar("Passage", bound=HasText)


def searched(
    user: User, search: Callable[[], SearchResult[Passage]]
) -> tuple[SearchResult[Passage], str]:
    """What a search finds, or why there is nothing. It counts as one of the API's, for who asks."""
    try:
        rate_limit_hit(identity=str(user.pk), endpoint="search")
        return search(), ""
    except DomainError as error:
        return SearchResult([]), str(error)
