"""The evidence behind a mastery level: graded answers, kept so that it can be explained."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Role, User
from assessments.models import Question
from classrooms.models import Classroom
from config.db import NamedIndex
from progress.models.progress import learners_of
from progress.models.topic import Topic


class EvidenceQuerySet(models.QuerySet["MasteryEvidence"]):
    """Evidence, by who may see it."""

    def visible_to(self, user: User) -> Self:
        """For those who teach: it holds grades that a student may not know of yet.

        Only of the classes they run: what their students do elsewhere is not theirs to see.
        """
        if user.role == Role.ADMIN:
            return self
        return self.filter(
            user__in=learners_of(user).values("user"),
            question__assessment__classroom__in=Classroom.objects.taught_by(user),
        )

    def released(self) -> Self:
        """From assessments whose results are released: what their learners may know."""
        return self.filter(question__assessment__state__results_released_at__isnull=False)

    def unreleased(self) -> Self:
        """The rest: grades that are not to be guessed from anything their learners see."""
        return self.filter(question__assessment__state__results_released_at__isnull=True)


class MasteryEvidence(models.Model):
    """A graded answer to a question that tests a topic. Rows are added, never changed.

    An answer that is graded again adds a row; of a person's rows about one question and
    topic, the newest counts.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="evidence")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="evidence")
    fraction = models.FloatField(help_text="The part of the question's points, 0 to 1.")
    answered_at = models.DateTimeField(help_text="When it was handed in: the model's order.")
    graded_at = models.DateTimeField()
    model_version = models.CharField(max_length=40)
    mastery_after = models.DecimalField(max_digits=3, decimal_places=2)
    recorded_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects: ClassVar = EvidenceQuerySet.as_manager()

    class Meta:
        db_table = "mastery_evidence"
        ordering = ("-pk",)
        verbose_name_plural = "mastery evidence"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(fraction__gte=0, fraction__lte=1),
                name="mastery_evidence_fraction_check",
            ),
        )
        indexes = (
            NamedIndex(fields=["user", "topic", "id"], name="idx_mastery_evidence_user_topic"),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.topic}: {self.fraction:.2f}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("evidence is added, never changed")
        super().save(*args, **kwargs)
