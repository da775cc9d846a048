"""Imports of rosters: upload, watch, confirm."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from classrooms import services
from classrooms.api.filters import RosterImportFilter
from classrooms.api.serializers import (
    RosterImportSerializer,
    RosterImportSummarySerializer,
    RosterUploadSerializer,
)
from classrooms.models import RosterImport
from config.api.parsers import JSONParser


class RosterImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The imports of rosters into the classes whose people the caller decides on."""

    model = RosterImport
    serializer_class = RosterImportSerializer
    filterset_class = RosterImportFilter
    parser_classes = (MultiPartParser, JSONParser)
    throttle_names = {"create": "upload", "confirm": "upload"}

    def get_serializer_class(self) -> Any:
        return RosterImportSummarySerializer if self.action == "list" else RosterImportSerializer

    def get_queryset(self) -> Any:
        found = super().get_queryset().select_related("classroom")
        return found.defer("preview", "errors") if self.action == "list" else found

    @extend_schema(
        request={"multipart/form-data": RosterUploadSerializer},
        responses={202: RosterImportSerializer},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Upload a CSV or XLSX file; a worker checks it. Nothing changes before `confirm`."""
        data = RosterUploadSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        made = services.roster_upload(actor=self.caller, **data.validated_data)
        return Response(self.get_serializer(made).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: RosterImportSerializer})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Import what the preview shows: all of it, or nothing."""
        found = services.roster_confirm(actor=self.caller, roster_import=self.get_object())
        return Response(self.get_serializer(found).data, status=status.HTTP_202_ACCEPTED)

    def destroy(self, request: Request, pk: str) -> Response:
        """Cancel an import, or forget it with its file; 409 while it is importing."""
        services.roster_cancel(actor=self.caller, roster_import=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
