"""Signing in and out, and one's own account."""

from typing import cast

from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.serializers import (
    LoginSerializer,
    MeSerializer,
    PreferencesSerializer,
    UserSerializer,
)
from accounts.api.viewsets import ScopedViewSet
from accounts.models import User, UserPreferences
from config.api.authentication import SessionAuthentication


class CsrfView(APIView):
    """Sets the CSRF cookie, whose value goes into `X-CSRFToken` of unsafe requests."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={204: None}, auth=[])
    def get(self, request: Request) -> Response:
        get_token(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    """The session: POST signs in, DELETE signs out."""

    permission_classes = (AllowAny,)

    @extend_schema(request=LoginSerializer, responses={200: MeSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        # DRF asks for the token only of callers who are signed in: without it here, another
        # site could sign a browser into an account of its choice.
        SessionAuthentication().enforce_csrf(request)
        data = LoginSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user = services.session_start(request=request._request, **data.validated_data)
        return Response(MeSerializer(user).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        if request.user.is_authenticated:
            services.session_end(request=request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


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
