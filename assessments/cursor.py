"""Places in the listing of proctoring reports, as text for addresses."""

from datetime import datetime
from uuid import UUID

from assessments.stores.base import Position
from config.api.pagination import cursor_key, cursor_of, cursor_refused


def cursor_encode(position: Position) -> str:
    """A position as text that may stand in an address."""
    return cursor_of(position_key(position))


def position_key(position: Position) -> str:
    """A position as the key of a cursor."""
    started_at, session_id = position
    return f"{started_at.isoformat()} {session_id}"


def cursor_decode(cursor: str | None) -> Position | None:
    """The position of a text; None for none, InvalidInput for one that was not made here."""
    if not cursor:
        return None
    started_at, _, session_id = cursor_key(cursor).partition(" ")
    try:
        position = datetime.fromisoformat(started_at), UUID(session_id)
    except ValueError:
        raise cursor_refused() from None
    if position[0].tzinfo is None:
        raise cursor_refused()
    return position
