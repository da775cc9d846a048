"""The activity log."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from accounts.models import User
from analytics.admin.forms import ActivityForm
from analytics.admin.page import Content, StorePage, Table, as_text, names_of
from analytics.selectors.activity import activity_find
from analytics.stores.activity.base import Position
from config import limits
from config.api.pagination import cursor_key, cursor_of

_HEADERS = ("time (UTC)", "person", "action", "resource", "metadata", "address", "agent")
_AGENT = 40  # characters of the user agent that the table shows


class ActivityPage(StorePage):
    """Who did what, newest first."""

    title = "Activity log"
    form_class = ActivityForm

    def content(self, caller: User, query: dict[str, Any]) -> Content:
        person, after = query["person"], query["after"]
        page = activity_find(
            caller=caller,
            user=person.pk if person else None,
            action=query["action"] or None,
            resource_type=query["resource_type"] or None,
            since=_midnight(query["since"]) if query["since"] else None,
            until=_end(query["until"]) if query["until"] else None,
            limit=limits.ANALYTICS_ROWS,
            after=Position.parse(cursor_key(after)) if after else None,
        )
        names = names_of(entry.user_id for entry in page.entries)
        rows = [
            (
                f"{entry.timestamp.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                names.get(entry.user_id or "", entry.user_id or "the platform"),
                entry.action,
                f"{entry.resource_type} {entry.resource_id}",
                as_text(entry.metadata),
                entry.ip_address or "",
                entry.user_agent[:_AGENT],
            )
            for entry in page.entries
        ]
        older = None
        if page.next:
            given = {name: self._text(value) for name, value in query.items() if value}
            older = {**given, "after": cursor_of(str(page.next))}
        return Content(tables=[Table("", _HEADERS, rows, "No activity matches.")], older=older)

    def _text(self, value: Any) -> str:
        return value.email if isinstance(value, User) else str(value)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end(day: date) -> datetime | None:
    """The midnight after this day; the last day there is has none, and nothing comes after it."""
    return None if day == date.max else _midnight(day + timedelta(days=1))
