"""Filters of lists: a name that is none is an error, not silence."""

from typing import Any, cast

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from config.errors import InvalidInput

_PAGING = frozenset({"cursor", "page_size"})


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc] # untyped base
    """django-filter's, which leaves out what it does not know: then a list has too much in it."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        if not getattr(view, "detail", False):
            filterset = self.get_filterset(request, queryset, view)
            known = _PAGING | set(filterset.filters if filterset is not None else ())
            unknown = sorted(set(request.query_params) - known)
            if unknown:
                raise InvalidInput(errors={name: ["There is no such filter."] for name in unknown})
        return cast(QuerySet[Any], super().filter_queryset(request, queryset, view))
