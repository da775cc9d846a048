"""Proctoring: the student's client posts, those who run the class read."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.viewsets import ScopedViewSet
from accounts.models import User
from assessments import services
from assessments.api.serializers.proctoring import (
    LiveSessionSerializer,
    ReportPageSerializer,
    ReportSerializer,
    ReportSummarySerializer,
    SnapshotReceiptSerializer,
    SnapshotWriteSerializer,
    ViolationReceiptSerializer,
    ViolationWriteSerializer,
)
from assessments.cursor import cursor_decode, position_key
from assessments.live import live_read
from assessments.models import Attempt, ProctorSession, RiskLevel
from assessments.selectors import names_of_reports, report_get, reports_visible_to
from config import limits
from config.api.pagination import next_link
from config.api.parsers import JSONParser
from config.errors import InvalidInput, NotFound

_POSTED_BY_STUDENTS = ("violations", "snapshots")


class ProctorSessionViewSet(ScopedViewSet):
    """Live sessions: their own student posts to them, those who run the class watch."""

    model = ProctorSession
    serializer_class = LiveSessionSerializer
    etag_actions = ()  # what is live is not in the row
    throttle_names = {"violations": "events", "snapshots": "upload"}

    def get_queryset(self) -> Any:
        if self.action in _POSTED_BY_STUDENTS:
            own = Attempt.objects.visible_to(self.caller).filter(user=self.caller)
            found: Any = ProctorSession.objects.filter(attempt__in=own)
        else:
            found = super().get_queryset()
        return found.select_related("attempt__assessment__classroom")

    @extend_schema(responses=LiveSessionSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        session = self.get_object()
        live = live_read(session.pk)
        if live is None:
            raise NotFound("The session is over.")
        shown = LiveSessionSerializer(
            {
                "session_id": session.pk,
                "user_id": live.user_id,
                "assessment_id": live.assessment_id,
                "started_at": live.started_at,
                "status": live.status,
                "violations": live.violations,
            }
        )
        return Response(shown.data)

    @extend_schema(request=ViolationWriteSerializer, responses=ViolationReceiptSerializer)
    @action(detail=True, methods=["post"])
    def violations(self, request: Request, pk: str) -> Response:
        """Report something that the client noticed."""
        session = self.get_object()
        data = ViolationWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        recorded = services.violation_record(
            user=self.caller, session=session, **data.validated_data
        )
        return Response({"recorded": recorded})

    @extend_schema(
        request={"multipart/form-data": SnapshotWriteSerializer},
        responses={201: SnapshotReceiptSerializer},
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def snapshots(self, request: Request, pk: str) -> Response:
        """Send a picture."""
        session = self.get_object()
        data = SnapshotWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        image = values.pop("image")
        snapshot = services.snapshot_add(
            user=self.caller,
            session=session,
            # One byte more than is allowed is enough to see that it is too large.
            content=image.read(limits.SNAPSHOT_MAX_BYTES + 1),
            **values,
        )
        return Response(SnapshotReceiptSerializer(snapshot).data, status=status.HTTP_201_CREATED)


class ReportViewSet(GenericViewSet[Any]):
    """Proctoring reports of the classes that the caller runs."""

    serializer_class = ReportSummarySerializer
    pagination_class = None
    filter_backends = ()
    parser_classes = (JSONParser,)
    lookup_field = "session_id"
    lookup_value_converter = "uuid"
    throttle_name = "default"

    @extend_schema(
        parameters=[
            OpenApiParameter("assessment", OpenApiTypes.UUID),
            OpenApiParameter("risk_level", enum=RiskLevel.values),
            OpenApiParameter("cursor", description="Where the page begins."),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses=ReportPageSerializer,
    )
    def list(self, request: Request) -> Response:
        size = _page_size(request.query_params.get("page_size"))
        reports = reports_visible_to(
            self._caller,
            assessment_id=_uuid(request.query_params.get("assessment")),
            risk_level=_risk_level(request.query_params.get("risk_level")),
            after=cursor_decode(request.query_params.get("cursor")),
            limit=size + 1,
        )
        page = reports[:size]
        more = len(reports) > size
        following = next_link(request, position_key(page[-1].position)) if more else None
        shown = ReportSummarySerializer(page, many=True, context=self._context(page))
        return Response({"next": following, "previous": None, "results": shown.data})

    @extend_schema(
        parameters=[OpenApiParameter("session_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses=ReportSerializer,
    )
    def retrieve(self, request: Request, session_id: UUID) -> Response:
        report = report_get(self._caller, session_id)
        return Response(ReportSerializer(report, context=self._context([report])).data)

    @property
    def _caller(self) -> User:
        return cast(User, self.request.user)

    def _context(self, reports: Any) -> dict[str, Any]:
        users, assessments = names_of_reports(reports)
        return {"request": self.request, "users": users, "assessments": assessments}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InvalidInput(errors={"assessment": ["Not a UUID."]}) from None


def _risk_level(text: str | None) -> str | None:
    if text and text not in RiskLevel.values:
        raise InvalidInput(errors={"risk_level": [f"One of: {', '.join(RiskLevel.values)}."]})
    return text or None


def _page_size(text: str | None) -> int:
    size = int(text) if text and text.isascii() and text.isdigit() else limits.PAGE_SIZE
    return min(max(size, 1), limits.PAGE_SIZE_MAX)
