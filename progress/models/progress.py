"""The spec's table `progress`: a learner's mastery of a topic."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Role, User
from classrooms.models import Classroom, Member, MemberRole
from config.db import NamedIndex
from progress.models.topic import Topic


def learners_of(user: User) -> models.QuerySet[Member]:
    """The student memberships of the classes that the user runs."""
    return Member.objects.filter(
        classroom__in=Classroom.objects.taught_by(user), role=MemberRole.STUDENT
    )


class ProgressQuerySet(models.QuerySet["Progress"]):
    """Progress, by who may see it."""

    def visible_to(self, user: User) -> Self:
        """Their own, and that of the students in the classes they run; for an admin, all."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(
            models.Q(user=user) | models.Q(user__in=learners_of(user).values("user"))
        )


class Progress(models.Model):
    """How well a person masters a topic, 0 to 1, and the minutes they spent on it."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="progress", db_index=False
    )
    # The spec gives topic_id no foreign key: the ORM keeps it.
    topic = models.ForeignKey(
        Topic,
        on_delete=models.PROTECT,
        related_name="progress",
        db_column="topic_id",
        db_constraint=False,
        db_index=False,
    )
    mastery_level = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        null=True,
        default=0,
        db_default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    time_spent_minutes = models.IntegerField(
        null=True, default=0, db_default=0, validators=[MinValueValidator(0)]
    )
    last_activity = models.DateTimeField(null=True, default=timezone.now, db_default=Now())

    objects: ClassVar = ProgressQuerySet.as_manager()

    class Meta:
        db_table = "progress"
        ordering = ("-last_activity", "-pk")
        verbose_name_plural = "progress"
        constraints = (
            models.UniqueConstraint(fields=["user", "topic"], name="progress_user_id_topic_id_key"),
        )
        indexes = (
            NamedIndex(fields=["user"], name="idx_progress_user"),
            NamedIndex(fields=["topic"], name="idx_progress_topic"),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.topic}: {self.mastery_level}"
