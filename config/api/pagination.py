"""Cursor pagination: pages stay right while rows are added, and cost the same at any depth."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import pagination
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
