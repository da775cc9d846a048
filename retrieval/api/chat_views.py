"""Chat."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from retrieval import services
from retrieval.api.chat_events import EVENT_STREAM, EventStreamRenderer, stream_response
from retrieval.api.chat_serializers import (
    ChatHistorySerializer,
    ChatMessageSerializer,
    ChatSessionSerializer,
    ClickSerializer,
    FeedbackInputSerializer,
    FeedbackSerializer,
    QuestionSerializer,
    StreamEventSerializer,
)
from retrieval.models import ChatSession

_MESSAGE = r"messages/(?P<message_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_MESSAGE_ID = OpenApiParameter("message_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
_EVENTS = OpenApiResponse(
    StreamEventSerializer,
    description="Server-sent events. `citations`: the passages that the answer may draw on, "
    'first, as {"citations": [Citation]}; `token`: {"text": piece}; at the end `done`: the '
    "ChatMessage as it is remembered, which replaces what was streamed, or `error`: a Problem, "
    "with the `message` as far as it got, if it is remembered. Comments say that the answer is "
    "still waited for.",
)


@extend_schema_view(list=extend_schema(description="The caller's conversations."))
class ChatSessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The caller's conversations about their classes' material."""

    model = ChatSession
    serializer_class = ChatSessionSerializer
    filterset_fields = ("classroom",)
    throttle_names = {"ask": "chat", "stream": "chat"}

    @idempotent
    def create(self, request: Request) -> Response:
        """Begin a conversation."""
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        session = services.chat_session_start(user=self.caller, **data.validated_data)
        return Response(self.get_serializer(session).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a conversation and its messages."""
        services.chat_session_delete(user=self.caller, session=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

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
        """Ask a question; the answer is from the material and cites it.

        One at a time: 409 (`question_under_way`) while the caller's last one is being answered.
        """
        answer = services.chat_ask(
            user=self.caller, session=self.get_object(), question=self._question(request)
        )
        return Response(ChatMessageSerializer(answer, context={"request": request}).data)

    def kept(self, data: Any) -> Any:
        """What an idempotency key keeps of an answer: nothing of the material."""
        return {"id": data["id"]} if self.action == "ask" else data

    def replayed(self, kept: Any) -> Any:
        """The answer to a question that is sent again, as it can be shown now."""
        if self.action != "ask":
            return kept
        answer = services.chat_message(
            user=self.caller, session=self.get_object(), message_id=UUID(kept["id"])
        )
        return ChatMessageSerializer(answer, context={"request": self.request}).data

    @extend_schema(
        request=QuestionSerializer, responses={(200, EVENT_STREAM): _EVENTS}, filters=False
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="messages/stream",
        pagination_class=None,
        renderer_classes=[JSONRenderer, EventStreamRenderer],
    )
    def stream(self, request: Request, pk: str) -> StreamingHttpResponse:
        """Ask a question, and read the answer as server-sent events while it is written.

        One at a time: 409 (`question_under_way`) while the caller's last one is being answered.
        """
        events = services.chat_stream(
            user=self.caller, session=self.get_object(), question=self._question(request)
        )
        return stream_response(events, request)

    @extend_schema(
        request=FeedbackInputSerializer, responses=FeedbackSerializer, parameters=[_MESSAGE_ID]
    )
    @action(detail=True, methods=["put"], url_path=f"{_MESSAGE}/feedback")
    def feedback(self, request: Request, pk: str, message_id: str) -> Response:
        """Say whether an answer helped; null takes it back."""
        given = services.feedback_set(
            user=self.caller,
            session=self.get_object(),
            message_id=UUID(message_id),
            **_valid(FeedbackInputSerializer(data=request.data)),
        )
        return Response(FeedbackSerializer(given).data)

    @extend_schema(request=ClickSerializer, responses={204: None}, parameters=[_MESSAGE_ID])
    @action(detail=True, methods=["post"], url_path=f"{_MESSAGE}/clicks")
    def clicks(self, request: Request, pk: str, message_id: str) -> Response:
        """Note that a cited passage was opened."""
        services.citation_click(
            user=self.caller,
            session=self.get_object(),
            message_id=UUID(message_id),
            **_valid(ClickSerializer(data=request.data)),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _question(self, request: Request) -> str:
        return str(_valid(QuestionSerializer(data=request.data))["question"])


def _valid(serializer: Any) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    found: Mapping[str, Any] = serializer.validated_data
    return found
