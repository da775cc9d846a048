"""The spec's table `submissions`, and the grades of its answers."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from assessments.models.assessment import Assessment, Question
from classrooms.models import Classroom


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those in the classes that the user runs, and their own while they are in the class."""
        return self.filter(
            models.Q(assessment__classroom__in=Classroom.objects.taught_by(user))
            | models.Q(user=user, assessment__classroom__in=Classroom.objects.visible_to(user))
        )


class Submission(models.Model):
    """What was handed in. `score` and `graded_at` stay null until every answer is graded."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    answers = models.JSONField()
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, default=timezone.now, db_default=Now())
    graded_at = models.DateTimeField(null=True, blank=True)
    graded_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        db_column="graded_by",
        related_name="graded_submissions",
        null=True,
        blank=True,
        db_index=False,
    )
    feedback = models.TextField(null=True, blank=True)

    objects: ClassVar = SubmissionQuerySet.as_manager()

    class Meta:
        db_table = "submissions"
        ordering = ("-submitted_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "user"], name="submissions_assessment_id_user_id_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.assessment}"

    @property
    def classroom(self) -> Classroom:
        """The class that the submission belongs to."""
        return self.assessment.classroom


class QuestionGrade(models.Model):
    """The grade of one answer; `points` is null while it waits for a person to grade it."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="grades")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="grades")
    points = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    comment = models.TextField(blank=True)
    graded_at = models.DateTimeField(null=True)
    # Null for an answer that was graded by rule; those alone are graded again by rule.
    graded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "question_grades"
        ordering = ("question__order_index", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["submission", "question"],
                name="question_grades_submission_id_question_id_key",
            ),
            models.CheckConstraint(
                condition=models.Q(points__gte=0), name="question_grades_points_check"
            ),
        )

    def __str__(self) -> str:
        return f"{self.question}: {self.points}"
