"""Cursors of lists that come from a store: opaque, and checked when they come back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from analytics.stores.activity.base import Position
from config.errors import InvalidInput


def decode(cursor: str) -> Position:
    """The position that a cursor stands for; InvalidInput for anything else."""
    try:
        text = urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        raise InvalidInput(errors={"cursor": ["This cursor is not valid."]}) from None
    return Position.parse(text)


def encode(position: Position) -> str:
    """The cursor of a position."""
    return urlsafe_b64encode(str(position).encode()).decode()
