"""The events of an hour."""

from datetime import UTC, datetime, time
from typing import Any

from accounts.models import User
from analytics.admin.forms import HourForm
from analytics.admin.page import Content, StorePage, Table, as_text, names_of
from analytics.selectors.rollups import events_of_hour
from config import limits


class EventsPage(StorePage):
    """The newest events of an hour's partition."""

    title = "Events"
    form_class = HourForm

    def content(self, caller: User, query: dict[str, Any]) -> Content:
        person = query["person"]
        events = events_of_hour(
            caller=caller,
            hour=datetime.combine(query["date"], time(query["hour"]), UTC),
            event_type=query["event_type"] or None,
            user=person.pk if person else None,
        )
        names = names_of(event.user_id for event in events)
        rows = [
            (
                f"{event.event_time.astimezone(UTC):%H:%M:%S.%f}"[:-3],
                event.event_type,
                names.get(str(event.user_id), event.user_id or ""),
                as_text(event.properties),
            )
            for event in events
        ]
        title = f"The newest {limits.ANALYTICS_ROWS} at most"
        headers = ("time (UTC)", "type", "person", "properties")
        return Content(tables=[Table(title, headers, rows, "No events in this hour.")])
