"""Events, activity and rollups as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from config import limits
from config.api.serializers import PageQuerySerializer, Serializer, page_serializer


class EventSerializer(Serializer):
    """An event as a client sends it; each is judged by itself, see the verdicts."""

    event_id = serializers.UUIDField(help_text="Made by the client: a replay changes nothing.")
    event_type = serializers.CharField()
    event_time = serializers.DateTimeField(help_text="ISO 8601 with an offset.")
    properties = serializers.DictField(child=serializers.CharField(), required=False)


class EventBatchSerializer(Serializer):
    """1 to 500 events."""

    events = serializers.ListField(
        child=EventSerializer(), min_length=1, max_length=limits.EVENTS_PER_REQUEST
    )


class EventEnvelopeSerializer(Serializer):
    """The batch without a look at its events: one that is wrong spoils no other."""

    events = serializers.ListField(child=serializers.JSONField())


class VerdictSerializer(Serializer):
    """What became of an event; `reason` is a stable code, for the rejected only."""

    index = serializers.IntegerField()
    event_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(choices=["accepted", "duplicate", "rejected"])
    reason = serializers.CharField()
    detail = serializers.CharField()


class VerdictsSerializer(Serializer):
    """The verdicts, in the order of the events."""

    verdicts = VerdictSerializer(many=True)


class ActivitySerializer(Serializer):
    """An entry of the activity log."""

    id = serializers.CharField()
    user_id = serializers.UUIDField(allow_null=True)
    action = serializers.CharField()
    resource_type = serializers.CharField()
    resource_id = serializers.CharField()
    metadata = serializers.DictField()
    ip_address = serializers.IPAddressField(allow_null=True)
    user_agent = serializers.CharField()
    timestamp = serializers.DateTimeField()


ActivityPageSerializer = page_serializer(ActivitySerializer)


class ActivityQuerySerializer(PageQuerySerializer):
    """The filters of the log."""

    user = serializers.UUIDField(required=False)
    action = serializers.CharField(required=False, max_length=100)
    resource_type = serializers.CharField(required=False, max_length=100)
    since = serializers.DateTimeField(required=False, help_text="Inclusive.")
    until = serializers.DateTimeField(required=False, help_text="Exclusive.")


class PageViewsQuerySerializer(PageQuerySerializer):
    """The day (UTC) to look at."""

    date = serializers.DateField()


class PageViewsSerializer(Serializer):
    """The views of a page in an hour."""

    date = serializers.DateField()
    hour = serializers.IntegerField(min_value=0, max_value=23)
    page = serializers.CharField()
    view_count = serializers.IntegerField()


PageViewsPageSerializer = page_serializer(PageViewsSerializer)


class EngagementQuerySerializer(PageQuerySerializer):
    """Whose engagement: one's own without `user`."""

    user = serializers.UUIDField(required=False)


class EngagementSerializer(Serializer):
    """A person's day; the score is 0 to 100."""

    user_id = serializers.UUIDField()
    date = serializers.DateField()
    total_events = serializers.IntegerField()
    unique_pages = serializers.IntegerField()
    session_count = serializers.IntegerField()
    total_time_minutes = serializers.IntegerField()
    engagement_score = serializers.FloatField()


EngagementPageSerializer = page_serializer(EngagementSerializer)


class LearningQuerySerializer(PageQuerySerializer):
    """Whose progress (one's own without `user`), in which subject."""

    user = serializers.UUIDField(required=False)
    subject = serializers.CharField(max_length=100)


class LearningProgressSerializer(Serializer):
    """A person's week in a subject; `average_score` is 0 to 1, null without graded answers."""

    user_id = serializers.UUIDField()
    subject = serializers.CharField()
    week_start = serializers.DateField()
    lessons_completed = serializers.IntegerField()
    time_spent_minutes = serializers.IntegerField()
    average_score = serializers.FloatField(allow_null=True)
    topics_mastered = serializers.SerializerMethodField()

    def get_topics_mastered(self, row: Any) -> list[str]:
        return sorted(row.topics_mastered)


LearningProgressPageSerializer = page_serializer(LearningProgressSerializer)
