"""What people say of answers, and which cited passages they opened: labels for searches."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models import Classroom
from retrieval.models.documents import Document


class AnswerFeedbackQuerySet(models.QuerySet["AnswerFeedback"]):
    """Feedback, by who may see it."""

    def visible_to(self, user: User) -> Self:
        """That of the classes that one runs, where its author has said whether it helped.

        A click alone is counted for the search; whose question it was did not choose to show it.
        """
        judged = self.filter(helpful__isnull=False)
        return judged.filter(classroom__in=Classroom.objects.taught_by(user))


class AnswerFeedback(models.Model):
    """What a user says of an answer; one row for each of their messages that they spoke of.

    `question` is what was asked, `query` what was searched for it (a follow-up with what it
    leans on). `citations`: [{"number": 1, "document_id": …, "version": …, "chunk_index": 0}],
    the places that the answer named; never their text.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", editable=False)
    classroom = models.ForeignKey(
        Classroom, on_delete=models.CASCADE, related_name="+", editable=False
    )
    # The conversation may be deleted, and its messages are forgotten after two hours.
    session_id = models.UUIDField(editable=False)
    message_id = models.UUIDField(editable=False)
    question = models.TextField(editable=False)
    query = models.TextField(editable=False)
    answered = models.BooleanField(editable=False)
    helpful = models.BooleanField(null=True, editable=False)
    citations = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now(), editable=False)

    objects: ClassVar = AnswerFeedbackQuerySet.as_manager()

    class Meta:
        db_table = "answer_feedback"
        ordering = ("-created_at", "-pk")
        verbose_name_plural = "answer feedback"
        constraints = (
            models.UniqueConstraint(
                fields=["user", "message_id"], name="answer_feedback_user_message_key"
            ),
        )
        indexes = (
            models.Index(fields=["classroom", "created_at"], name="idx_answer_feedback_class"),
            models.Index(fields=["updated_at"], name="idx_answer_feedback_updated"),
        )

    def __str__(self) -> str:
        return self.question


class CitationClick(models.Model):
    """A cited passage that the user opened, the last time they did; once for each citation."""

    feedback = models.ForeignKey(AnswerFeedback, on_delete=models.CASCADE, related_name="clicks")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    version = models.CharField(max_length=64)
    chunk_index = models.IntegerField()
    number = models.IntegerField()
    clicked_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        db_table = "citation_clicks"
        ordering = ("clicked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["feedback", "number"], name="citation_clicks_feedback_number_key"
            ),
        )

    def __str__(self) -> str:
        return f"[{self.number}]"
