"""Material, search and chat."""

from typing import cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from accounts.models import User
from config.api.pagination import cursor_number, next_link
from config.api.parsers import JSONParser
from config.api.serializers import PageQuerySerializer
from retrieval import selectors, services
from retrieval.api.serializers import (
    ChatHistorySerializer,
    ChatMessageSerializer,
    ChatSessionSerializer,
    DocumentSerializer,
    DocumentUploadSerializer,
    PassagePageSerializer,
    QuestionSerializer,
    SearchQuerySerializer,
    SearchResultSerializer,
    WebSearchQuerySerializer,
    WebSearchResultSerializer,
)
from retrieval.models import ChatSession, Document


class DocumentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The material of the caller's classes."""

    model = Document
    serializer_class = DocumentSerializer
    filterset_fields = ("classroom", "document_type", "state", "filename")
    parser_classes = (MultiPartParser, JSONParser)
    throttle_names = {"create": "upload", "retry": "upload"}

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

    def destroy(self, request: Request, pk: str) -> Response:
        services.document_delete(actor=self.caller, document=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: DocumentSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Queue a document again whose ingestion has failed."""
        document = services.document_retry(actor=self.caller, document=self.get_object())
        return Response(self.get_serializer(document).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        parameters=[PageQuerySerializer],
        responses=PassagePageSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def passages(self, request: Request, pk: str) -> Response:
        """The document's passages, by chunk_index."""
        query = PageQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        size = query.validated_data["page_size"]
        start = cursor_number(query.validated_data.get("cursor"))
        found = selectors.document_passages(self.get_object(), start=start, limit=size + 1)
        following = next_link(request, str(found[size].chunk_index)) if len(found) > size else None
        page = {"next": following, "previous": None, "results": found[:size]}
        return Response(PassagePageSerializer(page).data)


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
            document_id=values.get("document"),
            document_type=values.get("document_type"),
            limit=values["limit"],
        )
        result = SearchResultSerializer(
            {"query": values["q"], "results": found}, context={"request": request}
        )
        return Response(result.data)


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
            limit=values["limit"],
        )
        return Response(WebSearchResultSerializer({"query": values["q"], "results": found}).data)


@extend_schema_view(list=extend_schema(description="The caller's conversations."))
class ChatSessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The caller's conversations about their classes' material."""

    model = ChatSession
    serializer_class = ChatSessionSerializer
    filterset_fields = ("classroom",)
    throttle_names = {"ask": "chat"}

    @idempotent
    def create(self, request: Request) -> Response:
        """Begin a conversation."""
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        session = services.chat_session_start(user=self.caller, **data.validated_data)
        return Response(self.get_serializer(session).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=ChatHistorySerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def messages(self, request: Request, pk: str) -> Response:
        """The remembered messages, oldest first."""
        found = services.chat_history(user=self.caller, session=self.get_object())
        data = ChatHistorySerializer({"messages": found}, context={"request": request}).data
        return Response(data)

    @extend_schema(request=QuestionSerializer, responses=ChatMessageSerializer)
    @messages.mapping.post
    @idempotent
    def ask(self, request: Request, pk: str) -> Response:
        """Ask a question; the answer quotes the material and cites it."""
        data = QuestionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        answer = services.chat_ask(
            user=self.caller, session=self.get_object(), **data.validated_data
        )
        return Response(ChatMessageSerializer(answer, context={"request": request}).data)
