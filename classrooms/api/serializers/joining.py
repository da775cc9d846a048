"""How a class is joined, as the API shows it."""

from rest_framework import serializers

from accounts.api.serializers import UserSerializer
from classrooms.models import JOIN_CODE_LENGTH, JoinRequest, JoinRules
from config.api.serializers import ModelSerializer, Serializer


class ClassJoinSerializer(Serializer):
    """What joining takes: the code, in any case, with spaces and hyphens as people type them."""

    join_code = serializers.CharField(max_length=4 * JOIN_CODE_LENGTH)


class JoinCodeSerializer(Serializer):
    """What a new code takes: when it expires, if it does."""

    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class JoinRulesSerializer(ModelSerializer):
    """What the join code does."""

    class Meta:
        model = JoinRules
        fields = ("enabled", "expires_at", "requires_approval")


class JoinRequestSerializer(ModelSerializer):
    """Someone who waits to be let in."""

    user = UserSerializer(read_only=True)
    classroom_name = serializers.CharField(source="classroom.name", read_only=True)

    class Meta:
        model = JoinRequest
        fields = ("id", "classroom", "classroom_name", "user", "created_at")
        read_only_fields = fields
