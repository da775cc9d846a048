"""Places in the listing of proctoring reports, as text for addresses."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from assessments.stores.base import Position
from config.errors import InvalidInput


def cursor_encode(position: Position) -> str:
    """A position as text that may stand in an address."""
    started_at, session_id = position
    return base64.urlsafe_b64encode(f"{started_at.isoformat()} {session_id}".encode()).decode()


def cursor_decode(cursor: str | None) -> Position | None:
    """The position of a text; None for none, InvalidInput for one that was not made here."""
    if not cursor:
        return None
    try:
        started_at, _, session_id = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        position = datetime.fromisoformat(started_at), UUID(session_id)
    except (binascii.Error, ValueError):
        position = None
    if position is None or position[0].tzinfo is None:
        raise InvalidInput(errors={"cursor": ["Not a cursor of this list."]})
    return position
