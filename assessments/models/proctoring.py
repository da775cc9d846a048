"""Proctored attempts. The live session is in Redis (`assessments.live`)."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils import timezone

from accounts.models import User
from assessments.models.attempt import Attempt
from classrooms.models import Classroom


class ViolationType(models.TextChoices):
    """What a proctoring client may report; `assessments.integrity` gives each its weight."""

    GAZE_DEVIATION = "gaze_deviation"
    MULTIPLE_FACES = "multiple_faces"
    NO_FACE = "no_face"
    TAB_SWITCH = "tab_switch"
    FULLSCREEN_EXIT = "fullscreen_exit"
    COPY_PASTE = "copy_paste"
    PHONE_DETECTED = "phone_detected"
    VOICE_DETECTED = "voice_detected"
    NETWORK_LOSS = "network_loss"


class RiskLevel(models.TextChoices):
    """How much a report asks for a person's look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ProctorSessionQuerySet(models.QuerySet["ProctorSession"]):
    """Proctoring sessions, by who may see them: those who run the class."""

    def visible_to(self, user: User) -> Self:
        return self.filter(attempt__assessment__classroom__in=Classroom.objects.taught_by(user))


class ProctorSession(models.Model):
    """The lasting part of a proctored attempt, until its report is in the store.

    A row with `ended_at` and without `reported_at` is a report that is still to be written.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    attempt = models.OneToOneField(
        Attempt, on_delete=models.PROTECT, related_name="proctor_session"
    )
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)

    objects: ClassVar = ProctorSessionQuerySet.as_manager()

    class Meta:
        db_table = "proctor_sessions"
        ordering = ("-started_at", "-pk")
        indexes = (
            models.Index(
                fields=["ended_at"],
                name="idx_proctor_sessions_open",
                condition=models.Q(reported_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return str(self.attempt)

    @property
    def classroom(self) -> Classroom:
        """The class that the session belongs to."""
        return self.attempt.classroom


class ProctorSnapshot(models.Model):
    """A picture that the proctoring client took; the file is private."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    session = models.ForeignKey(ProctorSession, on_delete=models.PROTECT, related_name="snapshots")
    taken_at = models.DateTimeField(default=timezone.now)
    image = models.FileField(max_length=200)
    violations = models.JSONField(default=list)  # types of violations that it shows

    class Meta:
        db_table = "proctor_snapshots"
        ordering = ("taken_at", "pk")

    def __str__(self) -> str:
        return f"{self.session} at {self.taken_at:%H:%M:%S}"

    @property
    def classroom(self) -> Classroom:
        """The class that the picture belongs to."""
        return self.session.classroom


class ProctoringReportRow(models.Model):
    """A report in the embedded engine; read and written through the store's interface only."""

    session_id = models.UUIDField(primary_key=True)
    user_id = models.UUIDField()
    assessment_id = models.UUIDField()
    integrity_score = models.FloatField()
    risk_level = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    violations = models.JSONField()
    frame_snapshots = models.JSONField()

    class Meta:
        db_table = "proctoring_reports"
        verbose_name = "proctoring report"
        indexes = (
            models.Index(
                fields=["assessment_id", "-started_at", "-session_id"],
                name="idx_proctoring_reports_list",
            ),
            models.Index(fields=["user_id"], name="idx_proctoring_reports_user"),
        )

    def __str__(self) -> str:
        return str(self.session_id)
