"""Events and activity for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from accounts.activity import Activity
from analytics.stores.events.base import Event

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


def event(
    kind: str = "page_view",
    *,
    user_id: UUID | None = None,
    at: datetime = NOON,
    event_id: UUID | None = None,
    **properties: str,
) -> Event:
    """An event; a page view of "/" unless told otherwise."""
    if kind == "page_view":
        properties = {"page": "/", **properties}
    return Event(event_id or uuid4(), at, kind, user_id or uuid4(), properties)


def raw_event(at: datetime, **changes: Any) -> dict[str, Any]:
    """A page view as a browser sends it."""
    return {
        "event_id": str(uuid4()),
        "event_type": "page_view",
        "event_time": at.isoformat(),
        "properties": {"page": "/lessons"},
        **changes,
    }


def activity(
    action: str = "document_upload", *, minutes: int = 0, user_id: object = None, **changes: Any
) -> Activity:
    """An entry of the log, so many minutes after NOON."""
    return Activity(
        user_id=str(user_id or uuid4()),
        action=action,
        timestamp=NOON + timedelta(minutes=minutes),
        **{"resource_type": "material", "resource_id": "7", **changes},
    )
