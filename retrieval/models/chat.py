"""Chat sessions; their messages are in Redis."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models import Classroom


class ChatSessionQuerySet(models.QuerySet["ChatSession"]):
    """Chat sessions, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """One's own only, and of classes that one is still in."""
        return self.filter(user=user, classroom__in=Classroom.objects.visible_to(user))


class ChatSession(models.Model):
    """A user's conversation about a class's material; its messages are in Redis."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="chat_sessions")
    classroom = models.ForeignKey(Classroom, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects: ClassVar = ChatSessionQuerySet.as_manager()

    class Meta:
        db_table = "chat_sessions"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.user} on {self.classroom}, {self.created_at:%Y-%m-%d %H:%M}"
