"""Users and preferences as the API shows them."""

from rest_framework import serializers

from accounts.models import Invitation, Role, User, UserPreferences
from config.api.serializers import ModelSerializer, Serializer


class CsrfSerializer(Serializer):
    """The token that unsafe requests carry in `X-CSRFToken`."""

    csrf_token = serializers.CharField(read_only=True)


class UserSerializer(ModelSerializer):
    """A person, as others in their classes see them."""

    class Meta:
        model = User
        fields = ("id", "name", "role", "avatar_url")
        read_only_fields = ("id", "role")


class PreferencesSerializer(ModelSerializer):
    """One's own preferences."""

    class Meta:
        model = UserPreferences
        fields = (
            "theme",
            "language",
            "notification_email",
            "notification_push",
            "difficulty_preference",
        )


class MeSerializer(ModelSerializer):
    """One's own account."""

    class Meta:
        model = User
        fields = ("id", "email", "name", "role", "avatar_url", "created_at", "last_login")
        read_only_fields = ("id", "email", "role", "created_at", "last_login")


class InvitationSerializer(ModelSerializer):
    """An invitation, as an admin sees it; the token is in the mail only."""

    class Meta:
        model = Invitation
        fields = (
            "id",
            "email",
            "name",
            "role",
            "invited_by",
            "accepted_by",
            "created_at",
            "expires_at",
            "accepted_at",
        )
        read_only_fields = fields


class InvitationCreateSerializer(Serializer):
    """Whom to invite, and as what."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices, required=False)


class InvitationAcceptSerializer(Serializer):
    """The token of an invitation's mail."""

    token = serializers.CharField(max_length=200, write_only=True)
