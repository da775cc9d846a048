"""Cursors of lists that come from a store: opaque, and checked when they come back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from analytics.stores.activity.base import Position
from config.errors import InvalidInput


def decode(cursor: str) -> Position:
    """The position that a cursor stands for; InvalidInput for anything else."""
    try:
        moment, _, entry_id = urlsafe_b64decode(cursor.encode()).decode().partition("|")
        position = Position(datetime.fromisoformat(moment), entry_id)
        if position.timestamp.tzinfo is None or not entry_id.isascii() or not entry_id:
            raise ValueError(cursor)
    except ValueError:
        raise InvalidInput(errors={"cursor": ["This cursor is not valid."]}) from None
    return position


def encode(position: Position) -> str:
    """The cursor of a position."""
    return urlsafe_b64encode(f"{position.timestamp.isoformat()}|{position.id}".encode()).decode()
