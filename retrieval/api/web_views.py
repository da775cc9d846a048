"""Web pages: added, watched, read again, removed by those who teach; searched by everyone."""

from collections.abc import Callable
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from retrieval import services
from retrieval.api.web_serializers import (
    WebPagesAddSerializer,
    WebPageSerializer,
    WebPagesSerializer,
)
from retrieval.models import IngestState, WebPage, WebPageKind


class WebPageFilter(filters.FilterSet):
    """By state, kind, topic, host, and the sitemap that has brought it."""

    state = filters.ChoiceFilter(choices=IngestState.choices)
    kind = filters.ChoiceFilter(choices=WebPageKind.choices)
    topic = filters.CharFilter()
    host = filters.CharFilter()
    sitemap = filters.UUIDFilter(field_name="sitemap_id")

    class Meta:
        model = WebPage
        fields = ()


class WebPageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The school's web pages; to students there are none, but they find what is in them."""

    model = WebPage
    serializer_class = WebPageSerializer
    filterset_class = WebPageFilter
    throttle_names = dict.fromkeys(("create", "refresh", "retry"), "upload")

    @extend_schema(request=WebPagesAddSerializer, responses={202: WebPagesSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Queue pages, or a sitemap. What is there already stays, unless `refresh` is true."""
        data = WebPagesAddSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        if "sitemap" in values:
            pages = [
                services.web_sitemap_add(
                    actor=self.caller, sitemap_url=values["sitemap"], topic=values["topic"]
                )
            ]
        else:
            pages = services.web_pages_add(
                actor=self.caller,
                urls=values["urls"],
                topic=values["topic"],
                refresh=values["refresh"],
            )
        shown = WebPagesSerializer({"pages": pages}).data
        return Response(shown, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: WebPageSerializer})
    @action(detail=True, methods=["post"])
    def refresh(self, request: Request, pk: str) -> Response:
        """Look for a newer version; of a sitemap, for new pages."""
        return self._queued(services.web_page_refresh)

    @extend_schema(request=None, responses={202: WebPageSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Queue a page again that has failed or was cancelled."""
        return self._queued(services.web_page_retry)

    @extend_schema(request=None, responses=WebPageSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop the reading; of a sitemap, also of its pages that still wait."""
        page = services.web_page_cancel(actor=self.caller, page=self.get_object())
        return Response(self.get_serializer(page).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a page from the search; the pages of a sitemap stay."""
        services.web_page_delete(actor=self.caller, page=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _queued(self, service: Callable[..., Any]) -> Response:
        page = service(actor=self.caller, page=self.get_object())
        return Response(self.get_serializer(page).data, status=status.HTTP_202_ACCEPTED)
