"""The activity log, as far as the caller may see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.activity import Activity
from accounts.models import User
from analytics.selectors.people import visible_user_ids
from analytics.stores.activity.base import ActivityQuery, Position
from config.stores import stores


@dataclass(frozen=True)
class ActivityPage:
    """Entries, newest first, and where the page after them begins (None: nowhere)."""

    entries: list[Activity]
    next: Position | None


def activity_find(
    *,
    caller: User,
    user: UUID | None = None,
    action: str | None = None,
    resource_type: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int,
    after: Position | None = None,
) -> ActivityPage:
    """A page of the log: an admin's whole, a teacher's students', everyone's own.

    None stands for "any"; `since` is inclusive, `until` is not. Raises StoreUnavailable.
    """
    people = visible_user_ids(caller, user)
    query = ActivityQuery(
        user_ids=None if people is None else {str(person) for person in people},
        action=action,
        resource_type=resource_type,
        since=since,
        until=until,
    )
    found = stores["activity_logs"].find(query, limit=limit + 1, after=after)
    entries = found[:limit]
    return ActivityPage(entries, Position.of(entries[-1]) if len(found) > limit else None)
