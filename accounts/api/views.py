"""The CSRF token, one's own account, and people. Signing in is django-allauth's (/_allauth/)."""

from typing import Any, cast

from django.db import transaction
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.serializers import (
    CsrfSerializer,
    MeSerializer,
    PreferencesSerializer,
    UserSerializer,
)
from accounts.api.viewsets import ScopedViewSet
from accounts.models import User, UserPreferences
from config.api.etags import if_match_holds, rows_etag
from config.errors import PreconditionFailed


class CsrfView(APIView):
    """Sets the CSRF cookie, and tells its token: it goes into `X-CSRFToken` of unsafe requests.

    An application on another origin can't read the cookie.
    """

    permission_classes = (AllowAny,)
    throttle_name = "csrf"

    @extend_schema(responses=CsrfSerializer, auth=[])
    def get(self, request: Request) -> Response:
        answer = Response({"csrf_token": get_token(request)})
        answer.headers["Cache-Control"] = "no-store"
        return answer


class MeView(APIView):
    """One's own account."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        return _tagged(user, MeSerializer(user).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        user = User.objects.select_for_update().get(pk=request.user.pk)
        _require_match(request, user)
        data = MeSerializer(user, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        services.user_update(actor=user, user=user, **data.validated_data)
        user.refresh_from_db()
        return _tagged(user, MeSerializer(user).data)


class PreferencesView(APIView):
    """One's own preferences."""

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        found = UserPreferences.objects.get_or_create(user=user)[0]
        return _tagged(found, PreferencesSerializer(found).data)

    @extend_schema(request=PreferencesSerializer, responses=PreferencesSerializer)
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        user = cast(User, request.user)
        UserPreferences.objects.get_or_create(user=user)
        _require_match(request, UserPreferences.objects.select_for_update().get(user=user))
        data = PreferencesSerializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        saved = services.preferences_update(actor=user, user=user, **data.validated_data)
        saved.refresh_from_db()
        return _tagged(saved, PreferencesSerializer(saved).data)


def _tagged(row: User | UserPreferences, data: Any) -> Response:
    return Response(data, headers={"ETag": rows_etag([row])})


def _require_match(request: Request, row: User | UserPreferences) -> None:
    """Raise PreconditionFailed if the caller's `If-Match` is of another state of the row."""
    header = request.headers.get("If-Match")
    if header is not None and not if_match_holds(header, rows_etag([row])):
        raise PreconditionFailed()


class UserViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The people that the caller shares a class with; for an admin, everyone."""

    model = User
    serializer_class = UserSerializer
    filterset_fields = ("role",)
