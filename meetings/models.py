"""Meetings and recordings: the spec's tables `meetings` and `recordings`."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models import Classroom
from config import limits
from config.db import NamedIndex
from meetings.stores.embedded_models import TranscriptRow, TranscriptSegmentRow

__all__ = ["Meeting", "MeetingStatus", "Recording", "TranscriptRow", "TranscriptSegmentRow"]

web_url = URLValidator(schemes=["http", "https"])

# What begins a recording's `file_url` when the file is in private storage, under the rest.
PRIVATE_SCHEME = "private:"


class MeetingStatus(models.TextChoices):
    """Where a meeting is in its life."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings, by who may see them."""

    def visible_to(self, user: User) -> Self:
        return self.filter(classroom__in=Classroom.objects.visible_to(user))


class Meeting(models.Model):
    """A class meets at a time; `duration_minutes` is how long it is meant to take."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    classroom = models.ForeignKey(
        Classroom, on_delete=models.PROTECT, related_name="meetings", db_index=False
    )
    title = models.CharField(max_length=200, null=True)
    description = models.TextField(null=True, blank=True)
    scheduled_at = models.DateTimeField()
    duration_minutes = models.IntegerField(
        null=True,
        default=60,
        db_default=60,
        validators=[MinValueValidator(1), MaxValueValidator(limits.MEETING_MAX_MINUTES)],
    )
    status = models.CharField(
        max_length=20,
        null=True,
        choices=MeetingStatus,
        default=MeetingStatus.SCHEDULED,
        db_default=MeetingStatus.SCHEDULED,
        editable=False,
    )
    meeting_url = models.CharField(max_length=500, null=True, blank=True, validators=[web_url])
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        db_column="created_by",
        null=True,
        related_name="meetings_created",
        db_index=False,
        editable=False,
    )
    created_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=Now(), editable=False
    )

    objects: ClassVar = MeetingQuerySet.as_manager()

    class Meta:
        db_table = "meetings"
        ordering = ("-scheduled_at", "-pk")
        indexes = (
            NamedIndex(fields=["classroom"], name="idx_meetings_classroom"),
            NamedIndex(fields=["scheduled_at"], name="idx_meetings_scheduled"),
        )

    def __str__(self) -> str:
        return self.title or f"Meeting of {self.scheduled_at:%Y-%m-%d %H:%M}"


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Recordings, by who may see them."""

    def visible_to(self, user: User) -> Self:
        return self.filter(meeting__in=Meeting.objects.visible_to(user))


class Recording(models.Model):
    """A recording of a meeting: an uploaded file, or one that is elsewhere on the web.

    `file_url` is `private:` and a name in private storage, or an http(s) URL. The former
    says nothing to a person: they get a signed link instead.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="recordings", db_index=False
    )
    file_url = models.CharField(max_length=500, editable=False)
    duration_seconds = models.IntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    file_size_bytes = models.BigIntegerField(null=True, editable=False)
    transcript = models.TextField(null=True, blank=True)
    summary = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=Now(), editable=False
    )

    objects: ClassVar = RecordingQuerySet.as_manager()

    class Meta:
        db_table = "recordings"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"Recording of {self.meeting}"

    @property
    def classroom(self) -> Classroom:
        """The class it belongs to, through its meeting."""
        return self.meeting.classroom

    @property
    def storage_name(self) -> str | None:
        """Its name in private storage; None if it is elsewhere on the web."""
        if not self.file_url.startswith(PRIVATE_SCHEME):
            return None
        return self.file_url.removeprefix(PRIVATE_SCHEME)
