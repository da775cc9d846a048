"""Search."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from retrieval import services
from retrieval.api.search_serializers import (
    SearchQuerySerializer,
    SearchResultSerializer,
    WebSearchQuerySerializer,
    WebSearchResultSerializer,
    result_data,
)
from retrieval.hybrid import SearchMode


class SearchView(APIView):
    """Search in the material of the caller's classes."""

    throttle_name = "search"

    @extend_schema(parameters=[SearchQuerySerializer], responses=SearchResultSerializer)
    def get(self, request: Request) -> Response:
        query = SearchQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        found = services.search_documents(
            user=cast(User, request.user),
            query=values["q"],
            classroom_ids=values.get("classroom") or None,
            filters=services.SearchFilters(
                document_type=values.get("document_type"),
                document_id=values.get("document"),
                created_after=values.get("created_after"),
                created_before=values.get("created_before"),
            ),
            mode=SearchMode(values["mode"]),
            limit=values["limit"],
        )
        data = result_data(values["q"], found)
        return Response(SearchResultSerializer(data, context={"request": request}).data)


class WebSearchView(APIView):
    """Search in the school's web pages."""

    throttle_name = "search"

    @extend_schema(parameters=[WebSearchQuerySerializer], responses=WebSearchResultSerializer)
    def get(self, request: Request) -> Response:
        query = WebSearchQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        found = services.search_web(
            user=cast(User, request.user),
            query=values["q"],
            topic=values.get("topic"),
            ingested_after=values.get("ingested_after"),
            ingested_before=values.get("ingested_before"),
            mode=SearchMode(values["mode"]),
            limit=values["limit"],
        )
        return Response(WebSearchResultSerializer(result_data(values["q"], found)).data)
