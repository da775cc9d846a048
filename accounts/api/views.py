"""The CSRF token, one's own account, and people. Signing in is django-allauth's (/_allauth/)."""

from typing import cast

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
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        user = cast(User, request.user)
        data = MeSerializer(user, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        return Response(
            MeSerializer(services.user_update(actor=user, user=user, **data.validated_data)).data
        )


class PreferencesView(APIView):
    """One's own preferences."""

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        found = UserPreferences.objects.filter(user=user).first() or UserPreferences(user=user)
        return Response(PreferencesSerializer(found).data)

    @extend_schema(request=PreferencesSerializer, responses=PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        user = cast(User, request.user)
        data = PreferencesSerializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        saved = services.preferences_update(actor=user, user=user, **data.validated_data)
        return Response(PreferencesSerializer(saved).data)


class UserViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The people that the caller shares a class with; for an admin, everyone."""

    model = User
    serializer_class = UserSerializer
    filterset_fields = ("role",)
