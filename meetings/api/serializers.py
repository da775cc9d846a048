"""Meetings, recordings and transcripts as the API shows them."""

from typing import Any

from rest_framework import serializers

from classrooms.models import Classroom
from config import limits
from config.api.serializers import ModelSerializer, Serializer
from meetings.files import recording_download_url, transcript_download_url
from meetings.models import Meeting, Recording
from meetings.selectors import TranscriptFinding
from meetings.stores.base import Transcript


class MeetingSerializer(ModelSerializer):
    """A meeting; `status` changes by its actions."""

    class Meta:
        model = Meeting
        fields = (
            "id",
            "classroom",
            "title",
            "description",
            "scheduled_at",
            "duration_minutes",
            "status",
            "meeting_url",
            "created_by",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = (
            "id",
            "classroom",
            "status",
            "created_by",
            "created_at",
        )
        extra_kwargs = {
            "title": {"allow_null": False, "required": True},
            "duration_minutes": {"allow_null": False},
        }


class MeetingCreateSerializer(MeetingSerializer):
    """A new meeting, in a class that the caller can see."""

    class Meta(MeetingSerializer.Meta):
        read_only_fields: tuple[str, ...] = ("id", "status", "created_by", "created_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "request" in self.context:
            field: Any = self.fields["classroom"]
            field.queryset = Classroom.objects.visible_to(self.context["request"].user)


class RecordingSerializer(ModelSerializer):
    """A recording; `download_url` is a signed path, or its address elsewhere on the web."""

    download_url = serializers.SerializerMethodField()

    class Meta:
        model = Recording
        fields = (
            "id",
            "meeting",
            "download_url",
            "duration_seconds",
            "file_size_bytes",
            "transcript",
            "summary",
            "created_at",
        )
        read_only_fields = fields

    def get_download_url(self, recording: Recording) -> str:
        return recording_download_url(recording=recording, user=self.context["request"].user)


class RecordingCreateSerializer(Serializer):
    """A new recording: either a media `file` (multipart) or its `url` elsewhere."""

    meeting = serializers.PrimaryKeyRelatedField(queryset=Meeting.objects.all())
    file = serializers.FileField(required=False, allow_empty_file=True)
    url = serializers.CharField(max_length=500, required=False)
    duration_seconds = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True
    )
    summary = serializers.CharField(required=False, allow_blank=True)
    transcript = serializers.CharField(required=False, allow_blank=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "request" in self.context:
            field: Any = self.fields["meeting"]
            field.queryset = Meeting.objects.visible_to(self.context["request"].user)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("url" in attrs):
            raise serializers.ValidationError({"file": "Give either a file or a url."})
        return attrs


class TranscriptUploadSerializer(Serializer):
    """A WebVTT file."""

    file = serializers.FileField(allow_empty_file=True)
    language = serializers.CharField(max_length=35, required=False, allow_blank=True)


class TranscriptSegmentSerializer(Serializer):
    """What one person said; times in seconds from the meeting's start."""

    speaker_id = serializers.UUIDField(allow_null=True)
    speaker_name = serializers.CharField()
    start_time = serializers.FloatField()
    end_time = serializers.FloatField()
    text = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)


class TranscriptSerializer(Serializer):
    """A meeting's transcript; `download_url` is a signed path to it as WebVTT."""

    meeting_id = serializers.UUIDField()
    segments = TranscriptSegmentSerializer(many=True)
    full_text = serializers.CharField()
    word_count = serializers.IntegerField()
    duration_seconds = serializers.IntegerField()
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    download_url = serializers.SerializerMethodField()

    def get_download_url(self, transcript: Transcript) -> str:
        return transcript_download_url(
            meeting=self.context["meeting"], user=self.context["request"].user
        )


class TranscriptQuerySerializer(Serializer):
    """What to search for, and where."""

    q = serializers.CharField(max_length=limits.SEARCH_QUERY_MAX)
    classroom = serializers.UUIDField(required=False)
    limit = serializers.IntegerField(
        min_value=1, max_value=limits.SEARCH_RESULTS_MAX, default=limits.SEARCH_RESULTS
    )


class TranscriptHitSerializer(Serializer):
    """A place where the words were said; `minute` counts from 0."""

    meeting_id = serializers.UUIDField(source="hit.meeting_id")
    meeting_title = serializers.CharField(source="meeting.title", allow_null=True)
    scheduled_at = serializers.DateTimeField(source="meeting.scheduled_at")
    classroom_id = serializers.UUIDField(source="meeting.classroom_id")
    classroom_name = serializers.CharField(source="meeting.classroom.name")
    speaker_id = serializers.UUIDField(source="hit.speaker_id", allow_null=True)
    speaker_name = serializers.CharField(source="hit.speaker_name")
    start_time = serializers.FloatField(source="hit.start_time")
    end_time = serializers.FloatField(source="hit.end_time")
    minute = serializers.SerializerMethodField()
    snippet = serializers.CharField(source="hit.snippet")

    def get_minute(self, finding: TranscriptFinding) -> int:
        return int(finding.hit.start_time // 60)


class TranscriptResultsSerializer(Serializer):
    """The best places, best first."""

    results = TranscriptHitSerializer(many=True)
