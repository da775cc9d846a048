"""Members as the API shows them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import UserSerializer
from classrooms.models import Classroom, Member, MemberRole
from config.api.serializers import ModelSerializer, Serializer


class MemberSerializer(ModelSerializer):
    """A person's place in a class."""

    user = UserSerializer(read_only=True)

    class Meta:
        model = Member
        fields = ("id", "classroom", "user", "role", "joined_at")
        read_only_fields = fields


class MemberAddSerializer(Serializer):
    """Puts a known person into a class."""

    classroom = serializers.PrimaryKeyRelatedField(queryset=Classroom.objects.all())
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=MemberRole.choices, default=MemberRole.STUDENT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "request" in self.context:
            field: Any = self.fields["classroom"]
            field.queryset = Classroom.objects.visible_to(self.context["request"].user)


class MemberUpdateSerializer(Serializer):
    """A member's new role."""

    role = serializers.ChoiceField(choices=MemberRole.choices)
