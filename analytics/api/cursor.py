"""Cursors of lists that come from a store: opaque, and checked when they come back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

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


def next_link(request: Request, position: Position | None) -> str | None:
    """The address of the page after a position; None without one."""
    if position is None:
        return None
    text = f"{position.timestamp.isoformat()}|{position.id}"
    cursor = urlsafe_b64encode(text.encode()).decode()
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))
