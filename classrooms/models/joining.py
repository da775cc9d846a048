"""How a class lets people in by its code, and those who wait."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models.classroom import Classroom


class JoinRules(models.Model):
    """What a class's join code does; a class without a row has the defaults.

    Beside the spec's table, which has the code itself.
    """

    classroom = models.OneToOneField(
        Classroom,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="join_rules",
        db_constraint=False,  # the migration adds it with ON DELETE CASCADE
    )
    enabled = models.BooleanField(
        default=True, db_default=True, help_text="Whether the code lets anyone in."
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on the code lets nobody in."
    )
    requires_approval = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Who joins by the code waits until a teacher lets them in.",
    )

    class Meta:
        db_table = "classroom_join_rules"
        verbose_name_plural = "join rules"

    def __str__(self) -> str:
        return f"How {self.classroom} is joined"

    @property
    def open(self) -> bool:
        """Whether the code lets anyone in at this moment."""
        return self.enabled and (self.expires_at is None or self.expires_at > timezone.now())


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    """Requests, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """One's own, and those of the classes that one runs."""
        return self.filter(
            models.Q(user=user) | models.Q(classroom__in=Classroom.objects.taught_by(user))
        )


class JoinRequest(models.Model):
    """Someone who knew the code and waits. Not a member: it opens nothing."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # The migration adds both constraints with ON DELETE CASCADE.
    classroom = models.ForeignKey(
        Classroom,
        on_delete=models.CASCADE,
        related_name="join_requests",
        db_index=False,
        db_constraint=False,
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="join_requests", db_constraint=False
    )
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects: ClassVar = JoinRequestQuerySet.as_manager()

    class Meta:
        db_table = "classroom_join_requests"
        ordering = ("created_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["classroom", "user"], name="classroom_join_requests_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} asks to join {self.classroom}"
