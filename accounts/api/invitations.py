"""Invitations: admins send them, whoever has the mail accepts."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.idempotency import idempotent
from accounts.api.serializers import (
    InvitationAcceptSerializer,
    InvitationCreateSerializer,
    InvitationSerializer,
    MeSerializer,
)
from accounts.api.viewsets import ScopedViewSet
from accounts.models import Invitation


class InvitationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Invitations, for admins; others have none."""

    model = Invitation
    serializer_class = InvitationSerializer
    filterset_fields = ("email", "role")
    # Tokens are not to be guessed. Only admins make the others, and a school has many colleagues.
    throttle_names = {"accept": "account"}

    @extend_schema(request=InvitationCreateSerializer, responses={201: InvitationSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Invite an address, by mail; its open invitation is replaced."""
        data = InvitationCreateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.invitation_create(actor=self.caller, **data.validated_data)
        return Response(InvitationSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take an invitation back; 409 if it was accepted."""
        services.invitation_revoke(actor=self.caller, invitation=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str) -> Response:
        """Mail a new link; the old one ends, and the time starts again."""
        sent = services.invitation_resend(actor=self.caller, invitation=self.get_object())
        return Response(InvitationSerializer(sent).data)

    @extend_schema(request=InvitationAcceptSerializer, responses=MeSerializer)
    @action(detail=False, methods=["post"])
    def accept(self, request: Request) -> Response:
        """Take the role that one's address is invited to; the session goes on, others end."""
        data = InvitationAcceptSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user = services.invitation_accept(user=self.caller, **data.validated_data)
        services.session_renew(request=request._request, user=user)
        return Response(MeSerializer(user).data)
