"""Classrooms: what they are, how they are joined, and their rosters as files."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from accounts.policies import require
from accounts.ratelimit import caller_identity
from classrooms import selectors, services
from classrooms.api.filters import ClassroomFilter
from classrooms.api.serializers import (
    ClassJoinSerializer,
    ClassroomSerializer,
    JoinCodeSerializer,
    JoinRequestSerializer,
    JoinRulesSerializer,
    MemberSerializer,
    RosterQuerySerializer,
)
from classrooms.models import Classroom, Member


class AnyAccept(BaseContentNegotiation):
    """For a file: its type is asked for in the query, whatever `Accept` says."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0] if parsers else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ClassroomViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The classes that the caller belongs to."""

    model = Classroom
    serializer_class = ClassroomSerializer
    filterset_class = ClassroomFilter
    throttle_names = {"join": "join"}
    etag_actions = ("retrieve", "partial_update", "join_rules", "join_rules_update")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("teacher")

    def etag_rows(self, obj: Classroom) -> Any:
        rules = self.action in ("join_rules", "join_rules_update")
        return (selectors.join_rules_of(obj) if rules else obj,)

    @idempotent
    def create(self, request: Request) -> Response:
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        created = services.classroom_create(
            actor=self.caller,
            name=values["name"],
            description=values.get("description") or "",
            subject=values.get("subject") or "",
        )
        return Response(self.get_serializer(created).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a class. `is_active` false archives it, true brings it back."""
        classroom = self.get_object()
        data = self.get_serializer(classroom, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        services.classroom_update(actor=self.caller, classroom=classroom, **data.validated_data)
        return Response(self.get_serializer(classroom).data)

    @extend_schema(request=JoinCodeSerializer, responses=ClassroomSerializer)
    @action(detail=True, methods=["post"], url_path="join-code")
    def regenerate_code(self, request: Request, pk: str) -> Response:
        """Give the class a new join code, which works until `expires_at` or without end."""
        data = JoinCodeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        classroom = services.join_code_regenerate(
            actor=self.caller, classroom=self.get_object(), **data.validated_data
        )
        return Response(self.get_serializer(classroom).data)

    @extend_schema(responses=JoinRulesSerializer, filters=False)
    @action(detail=True, methods=["get"], url_path="join-rules", pagination_class=None)
    def join_rules(self, request: Request, pk: str) -> Response:
        """What the join code does, for those who may change that."""
        classroom = self.get_object()
        require(self.caller, "classrooms.view_joinrules", classroom)
        return Response(JoinRulesSerializer(selectors.join_rules_of(classroom)).data)

    @extend_schema(request=JoinRulesSerializer, responses=JoinRulesSerializer)
    @join_rules.mapping.patch
    def join_rules_update(self, request: Request, pk: str) -> Response:
        """Switch the code on or off, let it expire, or ask for approval."""
        classroom = self.get_object()
        data = JoinRulesSerializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        rules = services.join_rules_update(
            actor=self.caller, classroom=classroom, **data.validated_data
        )
        return Response(JoinRulesSerializer(rules).data)

    @extend_schema(
        request=ClassJoinSerializer, responses={200: MemberSerializer, 202: JoinRequestSerializer}
    )
    @action(detail=False, methods=["post"])
    def join(self, request: Request) -> Response:
        """Enter a class by its code. 202: a teacher has to let the caller in. Again: the same."""
        data = ClassJoinSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        entered = services.classroom_join(
            user=self.caller, address=caller_identity(request), **data.validated_data
        )
        if isinstance(entered, Member):
            return Response(MemberSerializer(entered).data)
        return Response(JoinRequestSerializer(entered).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        parameters=[RosterQuerySerializer],
        responses={
            (200, media.split(";")[0]): OpenApiResponse(OpenApiTypes.BINARY, "The file.")
            for media in selectors.ROSTER_KINDS.values()
        },
        filters=False,
    )
    @action(
        detail=True, methods=["get"], pagination_class=None, content_negotiation_class=AnyAccept
    )
    def roster(self, request: Request, pk: str) -> HttpResponse:
        """The members as CSV or XLSX: email, name and role. Importing it changes nothing."""
        query = RosterQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        file = selectors.roster_export(
            actor=self.caller, classroom=self.get_object(), kind=query.validated_data["type"]
        )
        return HttpResponse(
            file.content,
            content_type=file.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{file.filename}"',
                "Cache-Control": "private, no-store",
            },
        )
