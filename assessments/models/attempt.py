"""Attempts: a student at work on an assessment, by the server's clock."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils import timezone

from accounts.models import User
from assessments.models.assessment import Assessment
from classrooms.models import Classroom


class AttemptState(models.TextChoices):
    """`expired`: its time ran out or its student left; what was saved has been submitted."""

    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Attempts, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those in the classes that the user runs, and their own while they are in the class."""
        return self.filter(
            models.Q(assessment__classroom__in=Classroom.objects.taught_by(user))
            | models.Q(user=user, assessment__classroom__in=Classroom.objects.visible_to(user))
        )


class Attempt(models.Model):
    """One person's one attempt; `answers` maps a question's id to what was saved last."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attempts")
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)  # null: neither time limit nor due date
    state = models.CharField(max_length=20, choices=AttemptState, default=AttemptState.IN_PROGRESS)
    answers = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)  # counts the saves
    saved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar = AttemptQuerySet.as_manager()

    class Meta:
        db_table = "attempts"
        ordering = ("-started_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "user"], name="attempts_assessment_id_user_id_key"
            ),
        )
        indexes = (
            models.Index(
                fields=["expires_at"],
                name="idx_attempts_running",
                condition=models.Q(state=AttemptState.IN_PROGRESS),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.assessment}"

    @property
    def classroom(self) -> Classroom:
        """The class that the attempt belongs to."""
        return self.assessment.classroom
