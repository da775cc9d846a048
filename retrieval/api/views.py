"""Material."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from config.api.pagination import cursor_number, next_link
from config.api.parsers import JSONParser
from config.api.serializers import PageQuerySerializer
from retrieval import selectors, services
from retrieval.api.serializers import (
    ArchiveResultSerializer,
    ArchiveUploadSerializer,
    DocumentSerializer,
    DocumentUploadSerializer,
    PassagePageSerializer,
)
from retrieval.models import Document


class DocumentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The material of the caller's classes."""

    model = Document
    serializer_class = DocumentSerializer
    filterset_fields = ("classroom", "document_type", "state", "filename")
    parser_classes = (MultiPartParser, JSONParser)
    made_lists = ("documents", "unchanged")  # for a repeated request, see `idempotent`
    throttle_names = {"create": "upload", "archive": "upload", "retry": "upload"}

    @extend_schema(
        request={"multipart/form-data": DocumentUploadSerializer},
        responses={200: DocumentSerializer, 202: DocumentSerializer},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Upload a file. 202: it is queued; 200: this very file is already there."""
        data = DocumentUploadSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        result = services.document_upload(actor=self.caller, **data.validated_data)
        return Response(
            self.get_serializer(result.document).data,
            status=status.HTTP_200_OK if result.unchanged else status.HTTP_202_ACCEPTED,
        )

    @extend_schema(
        request={"multipart/form-data": ArchiveUploadSerializer},
        responses={200: ArchiveResultSerializer, 202: ArchiveResultSerializer},
    )
    @action(detail=False, methods=["post"])
    @idempotent
    def archive(self, request: Request) -> Response:
        """Upload a ZIP archive: each of its files is a document, and one that is refused stops no
        other. 202: some are queued; 200: none is."""
        data = ArchiveUploadSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        result = services.documents_upload_archive(actor=self.caller, **data.validated_data)
        return Response(
            ArchiveResultSerializer(result, context=self.get_serializer_context()).data,
            status=status.HTTP_202_ACCEPTED if result.documents else status.HTTP_200_OK,
        )

    def destroy(self, request: Request, pk: str) -> Response:
        services.document_delete(actor=self.caller, document=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: DocumentSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Queue a document again whose ingestion has failed or was cancelled."""
        document = services.document_retry(actor=self.caller, document=self.get_object())
        return Response(self.get_serializer(document).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=DocumentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop an ingestion; an earlier version of the document stays findable."""
        document = services.document_cancel(actor=self.caller, document=self.get_object())
        return Response(self.get_serializer(document).data)

    @extend_schema(
        parameters=[PageQuerySerializer],
        responses=PassagePageSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def passages(self, request: Request, pk: str) -> Response:
        """The document's passages, by chunk_index. 403 (search_locked) while an attempt of the
        caller's locks the material."""
        query = PageQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        size = query.validated_data["page_size"]
        start = cursor_number(query.validated_data.get("cursor"))
        found = selectors.document_passages(
            user=self.caller, document=self.get_object(), start=start, limit=size + 1
        )
        following = next_link(request, str(found[size].chunk_index)) if len(found) > size else None
        page = {"next": following, "previous": None, "results": found[:size]}
        return Response(PassagePageSerializer(page).data)
