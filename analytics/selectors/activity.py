"""The activity log, as far as the caller may see it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from accounts.activity import Activity
from accounts.models import Role, User
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

    None stands for "any"; `since` is inclusive, `until` is not. From where somebody else did
    something is for admins only. Raises StoreUnavailable.
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
    entries = [_as_seen(caller, entry) for entry in found[:limit]]
    return ActivityPage(entries, Position.of(entries[-1]) if len(found) > limit else None)


def _as_seen(caller: User, entry: Activity) -> Activity:
    if caller.role == Role.ADMIN or entry.user_id == str(caller.pk):
        return entry
    return replace(entry, ip_address=None, user_agent="")
