"""Meetings, their recordings and their transcripts."""

from collections.abc import Callable
from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from accounts.models import User
from config.api.parsers import JSONParser
from meetings import selectors, services
from meetings.api import serializers
from meetings.api.filters import MeetingFilter, RecordingFilter
from meetings.api.parsers import WebVttParser
from meetings.models import Meeting, Recording
from meetings.stores.base import Transcript

_LANGUAGE = OpenApiParameter("language", str, description="A language tag like en or pt-BR.")


class MeetingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The meetings of the caller's classes."""

    model = Meeting
    serializer_class = serializers.MeetingSerializer
    filterset_class = MeetingFilter
    cursor_ordering = ("-scheduled_at", "-pk")
    throttle_names = {"upload_transcript": "upload"}

    @extend_schema(
        request=serializers.MeetingCreateSerializer,
        responses={201: serializers.MeetingSerializer},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        data = serializers.MeetingCreateSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        data.is_valid(raise_exception=True)
        values = {name: value for name, value in data.validated_data.items() if value is not None}
        meeting = services.meeting_schedule(actor=self.caller, **values)
        return Response(self.get_serializer(meeting).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        meeting = self.get_object()
        data = self.get_serializer(meeting, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        saved = services.meeting_update(actor=self.caller, meeting=meeting, **data.validated_data)
        return Response(self.get_serializer(saved).data)

    def destroy(self, request: Request, pk: str) -> Response:
        services.meeting_delete(actor=self.caller, meeting=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=serializers.MeetingSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Begin a scheduled meeting."""
        return self._move(services.meeting_start)

    @extend_schema(request=None, responses=serializers.MeetingSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a live meeting."""
        return self._move(services.meeting_end)

    @extend_schema(request=None, responses=serializers.MeetingSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel a scheduled meeting."""
        return self._move(services.meeting_cancel)

    @extend_schema(responses=serializers.TranscriptSerializer)
    @action(detail=True, methods=["get"], parser_classes=(MultiPartParser, WebVttParser))
    def transcript(self, request: Request, pk: str) -> Response:
        """What was said in a meeting."""
        meeting = self.get_object()
        return self._transcript(meeting, selectors.transcript_of(meeting=meeting))

    @extend_schema(
        parameters=[_LANGUAGE],
        request={
            "multipart/form-data": serializers.TranscriptUploadSerializer,
            "text/vtt": OpenApiTypes.STR,
        },
        responses=serializers.TranscriptSerializer,
    )
    @transcript.mapping.put
    def upload_transcript(self, request: Request, pk: str) -> Response:
        """Make a WebVTT file the meeting's transcript, in place of one it has."""
        meeting = self.get_object()
        data = serializers.TranscriptUploadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        language = data.validated_data.get("language") or request.query_params.get("language", "")
        saved = services.transcript_upload(
            actor=self.caller,
            meeting=meeting,
            content=services.transcript_read(data.validated_data["file"]),
            language=language,
        )
        return self._transcript(meeting, saved)

    @extend_schema(responses={204: None})
    @transcript.mapping.delete
    def delete_transcript(self, request: Request, pk: str) -> Response:
        """Remove the meeting's transcript."""
        services.transcript_delete(actor=self.caller, meeting=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _move(self, service: Callable[..., Meeting]) -> Response:
        meeting = service(actor=self.caller, meeting=self.get_object())
        return Response(self.get_serializer(meeting).data)

    def _transcript(self, meeting: Meeting, transcript: Transcript) -> Response:
        context = {**self.get_serializer_context(), "meeting": meeting}
        return Response(serializers.TranscriptSerializer(transcript, context=context).data)


class RecordingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The recordings of meetings of the caller's classes."""

    model = Recording
    serializer_class = serializers.RecordingSerializer
    filterset_class = RecordingFilter
    parser_classes = (JSONParser, MultiPartParser)
    throttle_names = {"create": "upload"}

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("meeting")

    @extend_schema(
        request=serializers.RecordingCreateSerializer,
        responses={201: serializers.RecordingSerializer},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        data = serializers.RecordingCreateSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        data.is_valid(raise_exception=True)
        service: Callable[..., Recording] = (
            services.recording_upload if "file" in data.validated_data else services.recording_link
        )
        recording = service(actor=self.caller, **data.validated_data)
        return Response(self.get_serializer(recording).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        services.recording_delete(actor=self.caller, recording=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TranscriptSearchView(APIView):
    """Search in what was said in meetings of the caller's classes."""

    throttle_name = "search"

    @extend_schema(
        parameters=[serializers.TranscriptQuerySerializer],
        responses=serializers.TranscriptResultsSerializer,
    )
    def get(self, request: Request) -> Response:
        query = serializers.TranscriptQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = selectors.transcript_search(
            user=cast(User, request.user),
            query=query.validated_data["q"],
            classroom_id=query.validated_data.get("classroom"),
            limit=query.validated_data["limit"],
        )
        return Response(serializers.TranscriptResultsSerializer({"results": found}).data)
