"""Classrooms and their members."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from classrooms import services
from classrooms.api.serializers import (
    ClassroomSerializer,
    JoinSerializer,
    MemberAddSerializer,
    MemberSerializer,
)
from classrooms.models import Classroom, Member


class ClassroomViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The classes that the caller belongs to."""

    model = Classroom
    serializer_class = ClassroomSerializer
    filterset_fields = ("subject", "is_active", "teacher")
    throttle_names = {"join": "join"}

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("teacher")

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
        classroom = self.get_object()
        data = self.get_serializer(classroom, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        services.classroom_update(actor=self.caller, classroom=classroom, **data.validated_data)
        return Response(self.get_serializer(classroom).data)

    @extend_schema(request=None, responses=ClassroomSerializer)
    @action(detail=True, methods=["post"], url_path="join-code")
    def regenerate_code(self, request: Request, pk: str) -> Response:
        """Give the class a new join code."""
        classroom = services.join_code_regenerate(actor=self.caller, classroom=self.get_object())
        return Response(self.get_serializer(classroom).data)

    @extend_schema(request=JoinSerializer, responses=MemberSerializer)
    @action(detail=False, methods=["post"])
    def join(self, request: Request) -> Response:
        """Enter a class by its code."""
        data = JoinSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        member = services.classroom_join(user=self.caller, **data.validated_data)
        return Response(MemberSerializer(member).data)


class MemberViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The people of the caller's classes."""

    model = Member
    serializer_class = MemberSerializer
    filterset_fields = ("classroom", "user", "role")
    cursor_ordering = ("-joined_at", "-pk")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("user")

    @extend_schema(request=MemberAddSerializer, responses={201: MemberSerializer})
    def create(self, request: Request) -> Response:
        data = MemberAddSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        member = services.member_add_by_email(actor=self.caller, **data.validated_data)
        return Response(MemberSerializer(member).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        services.member_remove(actor=self.caller, member=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
