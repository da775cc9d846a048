"""Those who wait to be let into a class."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.viewsets import ScopedViewSet
from classrooms import services
from classrooms.api.filters import JoinRequestFilter
from classrooms.api.serializers import JoinRequestSerializer, MemberSerializer
from classrooms.models import JoinRequest


class JoinRequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The caller's own requests, and those to the classes that they run."""

    model = JoinRequest
    serializer_class = JoinRequestSerializer
    filterset_class = JoinRequestFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("user", "classroom")

    @extend_schema(request=None, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let the person in, as a student."""
        member = services.join_request_approve(actor=self.caller, join_request=self.get_object())
        return Response(MemberSerializer(member).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Reject the request; or, of one's own: withdraw it."""
        services.join_request_delete(actor=self.caller, join_request=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
