"""One's own sessions: where one is signed in, and signing out there."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.live_sessions import LiveSession
from accounts.models import User
from accounts.session_scripts import session_handle
from config.api.serializers import Serializer


class MySessionSerializer(Serializer):
    """A session. `id` names it and opens nothing; `current` is the one that asks."""

    id = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    last_activity = serializers.DateTimeField(read_only=True)
    ip_address = serializers.CharField(read_only=True)
    user_agent = serializers.CharField(read_only=True)
    current = serializers.SerializerMethodField()

    def get_current(self, session: LiveSession) -> bool:
        return bool(session.key == self.context["key"])


class MySessionListSerializer(serializers.Serializer[Any]):
    """The one page that there is, in the shape of all lists."""

    next = serializers.CharField(read_only=True, allow_null=True)
    previous = serializers.CharField(read_only=True, allow_null=True)
    results = MySessionSerializer(many=True, read_only=True)


class MySessionsView(APIView):
    """Where one is signed in."""

    @extend_schema(operation_id="me_sessions_list", responses=MySessionListSerializer)
    def get(self, request: Request) -> Response:
        """One's sessions, the last used first, on one page."""
        user = cast(User, request.user)
        found = services.sessions_of(actor=user, user=user)
        context = {"key": request._request.session.session_key}
        rows = MySessionSerializer(found, many=True, context=context).data
        return Response({"next": None, "previous": None, "results": rows})

    @extend_schema(operation_id="me_sessions_end_all", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere, here too."""
        user = cast(User, request.user)
        services.sessions_end(actor=user, user=user)
        request._request.session.flush()
        return Response(status=status.HTTP_204_NO_CONTENT)


class MySessionView(APIView):
    """One of one's sessions."""

    @extend_schema(operation_id="me_sessions_end", responses={204: None})
    def delete(self, request: Request, handle: str) -> Response:
        """Sign out there; if it is this very session, here."""
        user = cast(User, request.user)
        services.session_end_by_handle(actor=user, user=user, handle=handle)
        session = request._request.session
        if session_handle(session.session_key or "") == handle:
            session.flush()  # what is gone would be saved at the end
        return Response(status=status.HTTP_204_NO_CONTENT)
