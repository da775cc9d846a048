"""What the lists of meetings and recordings can be narrowed to.

Filters by id compare; they do not look the id up, so no answer tells whether an object that
the caller may not see exists.
"""

from django_filters import rest_framework as filters

from meetings.models import Meeting, MeetingStatus, Recording


class MeetingFilter(filters.FilterSet):
    """By class, status and time."""

    classroom = filters.UUIDFilter(field_name="classroom_id")
    status = filters.ChoiceFilter(choices=MeetingStatus.choices)
    scheduled_from = filters.IsoDateTimeFilter(field_name="scheduled_at", lookup_expr="gte")
    scheduled_until = filters.IsoDateTimeFilter(field_name="scheduled_at", lookup_expr="lte")

    class Meta:
        model = Meeting
        fields = ()


class RecordingFilter(filters.FilterSet):
    """By meeting and class."""

    meeting = filters.UUIDFilter(field_name="meeting_id")
    classroom = filters.UUIDFilter(field_name="meeting__classroom_id")

    class Meta:
        model = Recording
        fields = ()
