"""Classes as the API shows them."""

from typing import Any, cast
from uuid import UUID

from rest_framework import serializers

from accounts.api.serializers import UserSerializer
from accounts.models import Role, User
from classrooms.models import Classroom
from config.api.serializers import ModelSerializer


class ClassroomSerializer(ModelSerializer):
    """A class; `join_code` is null for those who may not hand it out.

    `is_active` false archives it: nobody joins or searches it and nothing new comes into it.
    """

    teacher = UserSerializer(read_only=True)
    join_code = serializers.SerializerMethodField()

    class Meta:
        model = Classroom
        fields = (
            "id",
            "name",
            "description",
            "subject",
            "teacher",
            "join_code",
            "is_active",
            "created_at",
        )
        read_only_fields = ("id", "created_at")
        extra_kwargs = {"is_active": {"allow_null": False}}

    def get_join_code(self, classroom: Classroom) -> str | None:
        user = self.context["request"].user
        if user.role == Role.ADMIN or classroom.pk in self._run_by(user):
            return classroom.join_code
        return None

    def _run_by(self, user: User) -> set[UUID]:
        """The classes whose code the caller may see: one query for a whole page."""
        context = cast(dict[str, Any], self.context)
        if "run_by_caller" not in context:
            context["run_by_caller"] = set(
                Classroom.objects.taught_by(user).values_list("pk", flat=True)
            )
        found: set[UUID] = context["run_by_caller"]
        return found
