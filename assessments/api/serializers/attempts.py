"""Attempts: nothing here tells an answer key, whoever looks."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assessments.api.serializers.assessments import StudentQuestionSerializer
from assessments.models import Attempt
from config.api.serializers import ModelSerializer, Serializer


class AttemptStartSerializer(Serializer):
    """What starting takes."""

    assessment = serializers.UUIDField()


class AutosaveSerializer(Serializer):
    """Answers to save, by question id; null takes one back."""

    revision = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The revision that the client has seen."
    )
    answers = serializers.DictField(child=serializers.JSONField(allow_null=True))


class AttemptSummarySerializer(ModelSerializer):
    """An attempt in a list."""

    class Meta:
        model = Attempt
        fields: Any = ("id", "assessment", "user", "state", "started_at", "expires_at", "ended_at")
        read_only_fields: Any = fields


class AttemptSerializer(AttemptSummarySerializer):
    """An attempt at work: the questions and what is saved, by the server's clock."""

    server_time = serializers.SerializerMethodField()
    proctor_session = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()
    answers = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta(AttemptSummarySerializer.Meta):
        fields = (
            *AttemptSummarySerializer.Meta.fields,
            "server_time",
            "revision",
            "saved_at",
            "proctor_session",
            "questions",
            "answers",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField)
    def get_server_time(self, attempt: Attempt) -> str:
        return timezone.now().isoformat()

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_proctor_session(self, attempt: Attempt) -> str | None:
        session = getattr(attempt, "proctor_session", None)
        return str(session.pk) if session else None

    @extend_schema_field(StudentQuestionSerializer(many=True))
    def get_questions(self, attempt: Attempt) -> Any:
        return StudentQuestionSerializer(attempt.assessment.questions.all(), many=True).data
