"""Cursor pagination: pages stay right while rows are added, and cost the same at any depth."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from config import limits


class CursorPagination(pagination.CursorPagination):
    """Orders by the view's `cursor_ordering`, which must end in a unique column."""

    page_size = limits.PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = limits.PAGE_SIZE_MAX

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> tuple[str, ...]:
        return tuple(getattr(view, "cursor_ordering", ("-created_at", "-pk")))

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, DataError):  # a cursor that nobody was given
            raise NotFound(self.invalid_cursor_message) from None
