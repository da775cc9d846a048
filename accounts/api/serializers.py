"""Users and preferences as the API shows them."""

from rest_framework import serializers

from accounts.models import User, UserPreferences
from config.api.serializers import ModelSerializer, Serializer


class LoginSerializer(Serializer):
    """What signing in takes."""

    email = serializers.CharField(max_length=255)
    password = serializers.CharField(max_length=255, trim_whitespace=False, write_only=True)


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
