"""The people of classes."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from classrooms import services
from classrooms.api.filters import MemberFilter
from classrooms.api.serializers import (
    MemberAddSerializer,
    MemberSerializer,
    MemberUpdateSerializer,
)
from classrooms.models import Member


class MemberViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The people of the caller's classes."""

    model = Member
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    cursor_ordering = ("-joined_at", "-pk")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("user")

    @extend_schema(request=MemberAddSerializer, responses={201: MemberSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Put the person with this address into a class, or change their role in it."""
        data = MemberAddSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        member = services.member_add_by_email(actor=self.caller, **data.validated_data)
        return Response(MemberSerializer(member).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MemberUpdateSerializer, responses=MemberSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Give a member another role."""
        member = self.get_object()
        data = MemberUpdateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        saved = services.member_update(actor=self.caller, member=member, **data.validated_data)
        return Response(MemberSerializer(saved).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a member, or leave. They can come back by the code until it is changed
        (`POST classrooms/{id}/join-code`)."""
        services.member_remove(actor=self.caller, member=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
