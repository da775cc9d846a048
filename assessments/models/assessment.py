"""The spec's tables `assessments` and `assessment_questions`, and what stands beside them."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Role, User
from classrooms.models import Classroom
from config import limits


class AssessmentType(models.TextChoices):
    """What an assessment is to the class."""

    QUIZ = "quiz"
    EXAM = "exam"
    HOMEWORK = "homework"
    PRACTICE = "practice"


class QuestionType(models.TextChoices):
    """How a question is answered; `assessments.answers` gives the form of each answer."""

    MULTIPLE_CHOICE = "multiple_choice"
    MULTIPLE_SELECT = "multiple_select"
    TRUE_FALSE = "true_false"
    SHORT_ANSWER = "short_answer"
    NUMERIC = "numeric"
    ESSAY = "essay"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of the classes that the user runs, and the published ones of their others."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(
            models.Q(classroom__in=Classroom.objects.taught_by(user))
            | models.Q(
                classroom__in=Classroom.objects.visible_to(user),
                state__published_at__isnull=False,
            )
        )

    def taught_by(self, user: User) -> Self:
        """Those of the classes that the user runs."""
        return self.filter(classroom__in=Classroom.objects.taught_by(user))


class Assessment(models.Model):
    """A quiz, an exam, homework: questions for a class. Its `state` stands beside it."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    classroom = models.ForeignKey(
        Classroom, on_delete=models.PROTECT, related_name="assessments", db_index=False
    )
    title = models.CharField(max_length=200)
    description = models.TextField(null=True, blank=True)
    type = models.CharField(max_length=20, choices=AssessmentType)
    total_points = models.IntegerField(
        help_text="The sum of the questions' points.",
        validators=[MinValueValidator(0), MaxValueValidator(limits.ASSESSMENT_MAX_POINTS)],
    )
    due_date = models.DateTimeField(null=True, blank=True)
    time_limit_minutes = models.IntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(limits.TIME_LIMIT_MAX_MINUTES)],
    )
    is_proctored = models.BooleanField(null=True, default=False, db_default=False)
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        db_column="created_by",
        related_name="created_assessments",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
    )
    created_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=Now(), editable=False
    )

    objects: ClassVar = AssessmentQuerySet.as_manager()

    class Meta:
        db_table = "assessments"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.title


class AssessmentState(models.Model):
    """Where an assessment stands. Students see it once published, results once released."""

    # The migration adds the constraint with ON DELETE CASCADE.
    assessment = models.OneToOneField(
        Assessment,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="state",
        db_constraint=False,
    )
    published_at = models.DateTimeField(null=True, editable=False)
    results_released_at = models.DateTimeField(null=True, editable=False)
    search_locked = models.BooleanField(
        default=False,
        db_default=False,
        help_text="While a student's attempt runs, they may not search the class's material.",
    )

    class Meta:
        db_table = "assessment_states"

    def __str__(self) -> str:
        return f"State of {self.assessment}"


class QuestionQuerySet(models.QuerySet["Question"]):
    """Questions, by who may see them: with their answers, so never students."""

    def visible_to(self, user: User) -> Self:
        return self.filter(assessment__in=Assessment.objects.taught_by(user))


class Question(models.Model):
    """A question. `options` and `correct_answer` have the forms of `assessments.answers`."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # The migration adds the constraint with ON DELETE CASCADE.
    assessment = models.ForeignKey(
        Assessment,
        on_delete=models.CASCADE,
        related_name="questions",
        db_index=False,
        db_constraint=False,
    )
    question_text = models.TextField()
    question_type = models.CharField(max_length=20, choices=QuestionType)
    points = models.IntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(limits.ASSESSMENT_MAX_POINTS)]
    )
    options = models.JSONField(null=True, blank=True)
    correct_answer = models.TextField(null=True, blank=True)
    order_index = models.IntegerField(validators=[MinValueValidator(0)])

    objects: ClassVar = QuestionQuerySet.as_manager()

    class Meta:
        db_table = "assessment_questions"
        ordering = ("order_index", "pk")

    def __str__(self) -> str:
        return self.question_text[:80]

    @property
    def classroom(self) -> Classroom:
        """The class that the question belongs to."""
        return self.assessment.classroom


class QuestionGuide(models.Model):
    """What goes with a question's answer: students see neither before the release."""

    # The migration adds the constraint with ON DELETE CASCADE.
    question = models.OneToOneField(
        Question,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="guide",
        db_constraint=False,
    )
    explanation = models.TextField(
        blank=True, help_text="Why the answer is right; students see it with their results."
    )
    rubric = models.TextField(blank=True, help_text="How to grade it; only graders see it.")

    class Meta:
        db_table = "question_guides"

    def __str__(self) -> str:
        return f"Guide to {self.question}"
