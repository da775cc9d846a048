"""Proctoring: what the student's client reports, and the reports that teachers read."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import UserSerializer
from accounts.files import file_link
from assessments.api.serializers.assessments import AssessmentSerializer
from assessments.models import ProctorSnapshot, RiskLevel, ViolationType
from assessments.snapshots import FILE_KIND, snapshot_id_of
from assessments.stores.base import FrameSnapshot, ProctoringReport
from config.api.serializers import ModelSerializer, Serializer, page_serializer


class ViolationWriteSerializer(Serializer):
    """Something that the client noticed; `timestamp` if it could not tell at once."""

    type = serializers.ChoiceField(choices=ViolationType.choices)
    details = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    timestamp = serializers.DateTimeField(required=False)


class ViolationReceiptSerializer(Serializer):
    """`recorded` is false when enough violations of the type are kept already."""

    recorded = serializers.BooleanField()


class SnapshotWriteSerializer(Serializer):
    """A picture, PNG, JPEG or WebP."""

    image = serializers.FileField()
    violations = serializers.ListField(
        child=serializers.ChoiceField(choices=ViolationType.choices), required=False
    )
    timestamp = serializers.DateTimeField(required=False)


class SnapshotReceiptSerializer(ModelSerializer):
    """That a picture was kept."""

    class Meta:
        model = ProctorSnapshot
        fields = ("id", "taken_at")
        read_only_fields = fields


class ViolationSerializer(Serializer):
    """A violation of a session."""

    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    details = serializers.DictField(child=serializers.JSONField(allow_null=True))


class FrameSnapshotSerializer(Serializer):
    """A picture of a session; `image_url` is a signed link for the caller alone."""

    timestamp = serializers.DateTimeField()
    image_url = serializers.SerializerMethodField()
    violations = serializers.ListField(child=serializers.CharField())

    def get_image_url(self, snapshot: FrameSnapshot) -> str:
        snapshot_id = snapshot_id_of(snapshot.image_url)
        return file_link(
            kind=FILE_KIND,
            object_id=snapshot_id,
            filename=str(snapshot_id),
            user=self.context["request"].user,
        )


class LiveSessionSerializer(Serializer):
    """A session that runs, as it is now."""

    session_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    assessment_id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=("active", "ended"))
    violations = ViolationSerializer(many=True)


class ReportSummarySerializer(Serializer):
    """A report in the list."""

    session_id = serializers.UUIDField()
    user = serializers.SerializerMethodField()
    assessment = serializers.SerializerMethodField()
    integrity_score = serializers.FloatField(min_value=0, max_value=100)
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()

    @extend_schema_field(UserSerializer(allow_null=True))
    def get_user(self, report: ProctoringReport) -> Any:
        user = self.context["users"].get(report.user_id)
        return UserSerializer(user).data if user else None

    @extend_schema_field(AssessmentSerializer)
    def get_assessment(self, report: ProctoringReport) -> Any:
        return AssessmentSerializer(self.context["assessments"][report.assessment_id]).data


class ReportSerializer(ReportSummarySerializer):
    """A report with all its evidence."""

    violations = ViolationSerializer(many=True)
    frame_snapshots = FrameSnapshotSerializer(many=True)


ReportPageSerializer = page_serializer(ReportSummarySerializer)
