"""Topics: what the spec's `progress.topic_id` refers to, and the questions that test them."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Role, User
from assessments.models import Question
from classrooms.models import Classroom


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics: the whole school shares them."""

    def visible_to(self, user: User) -> Self:
        """All of them: a topic says nothing about any person or class."""
        return self


class Topic(models.Model):
    """Something to be learned, e.g. "Fractions" of "Mathematics"."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    subject = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, related_name="unlocks", blank=True
    )
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="created_topics", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects: ClassVar = TopicQuerySet.as_manager()

    class Meta:
        db_table = "topics"
        ordering = ("subject", "name", "pk")
        constraints = (
            models.UniqueConstraint(fields=["subject", "name"], name="topics_subject_name_key"),
        )

    def __str__(self) -> str:
        return f"{self.subject}: {self.name}"


class QuestionTopicQuerySet(models.QuerySet["QuestionTopic"]):
    """Links, by who may see them: questions are hidden from students, so these are too."""

    def visible_to(self, user: User) -> Self:
        """Those of the questions in the classes that the user runs; for an admin, all."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(question__in=Question.objects.visible_to(user))


class QuestionTopic(models.Model):
    """Says that a question tests a topic. A question may test several."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # The migration adds the constraint with ON DELETE CASCADE.
    question = models.ForeignKey(
        Question,
        on_delete=models.CASCADE,
        related_name="topic_links",
        db_index=False,
        db_constraint=False,
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="question_links")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects: ClassVar = QuestionTopicQuerySet.as_manager()

    class Meta:
        db_table = "question_topics"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["question", "topic"], name="question_topics_question_id_topic_id_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.question} tests {self.topic}"

    @property
    def classroom(self) -> Classroom:
        """The class whose question this is."""
        return self.question.classroom
