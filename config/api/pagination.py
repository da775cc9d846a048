"""Cursor pagination: pages stay right while rows are added, and cost the same at any depth."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from config import limits
from config.errors import InvalidInput

Row = TypeVar("Row")


class CursorPagination(pagination.CursorPagination):
    """Orders by the view's `cursor_ordering`, which must end in a unique column."""

    page_size = limits.PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = limits.PAGE_SIZE_MAX

    def get_page_size(self, request: Request) -> int | None:
        """What the caller asks for, at most PAGE_SIZE_MAX; InvalidInput if it is no number."""
        asked = request.query_params.get("page_size", "")
        if asked and not (asked.isascii() and asked.isdigit() and int(asked[:9]) > 0):
            raise InvalidInput(errors={"page_size": ["A whole number from 1."]})
        return super().get_page_size(request)

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> tuple[str, ...]:
        return tuple(getattr(view, "cursor_ordering", ("-created_at", "-pk")))

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError, DataError):  # one that nobody was given
            raise cursor_refused() from None


def rows_page(
    request: Request,
    rows: Iterable[Row],
    *,
    key: Callable[[Row], str],
    cursor: str | None,
    page_size: int,
) -> tuple[Sequence[Row], str | None]:
    """A page of rows that are no query, and the link to the next page (None: this is the last).

    `key` is what tells the rows apart: the cursor is the key of the last row that was shown.
    InvalidInput for a cursor that no row has.
    """
    found = list(rows)
    if cursor:
        after = cursor_key(cursor)
        places = [place for place, row in enumerate(found) if key(row) == after]
        if not places:
            raise cursor_refused()
        found = found[places[0] + 1 :]
    page = found[:page_size]
    more = len(found) > page_size
    return page, next_link(request, key(page[-1])) if more else None


def next_link(request: Request, key: str) -> str:
    """The request's address with a cursor of this key."""
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor_of(key)))


def cursor_of(key: str) -> str:
    """A place in a list that is no query, as text for addresses: opaque to who gets it."""
    return urlsafe_b64encode(key.encode()).decode()


def cursor_key(cursor: str) -> str:
    """What `cursor_of` was given; InvalidInput for anything else."""
    try:
        return urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        raise cursor_refused() from None


def cursor_refused() -> InvalidInput:
    """The error for a cursor that nobody was given."""
    return InvalidInput(errors={"cursor": ["This is no cursor of ours."]})


def cursor_number(cursor: str | None) -> int:
    """The number that a cursor made by `next_link` stands for; 0 for none."""
    if not cursor:
        return 0
    key = cursor_key(cursor)
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        raise cursor_refused()
    return int(key)
