"""What a user prefers: the spec's table `user_preferences`."""

from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.models.user import Role, User

DIFFICULTY_MIN, DIFFICULTY_MAX = 1, 5


class Theme(models.TextChoices):
    """The admin's and the web application's colours."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


class PreferencesQuerySet(models.QuerySet["UserPreferences"]):
    """Preferences, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """One's own; for an admin, everyone's."""
        return self if user.role == Role.ADMIN else self.filter(user=user)


class UserPreferences(models.Model):
    """How a user wants the platform to look and to notify them."""

    user = models.OneToOneField(
        User,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="preferences",
        db_constraint=False,  # the migration adds it with ON DELETE CASCADE
    )
    theme = models.CharField(
        max_length=20, null=True, choices=Theme, default=Theme.LIGHT, db_default=Theme.LIGHT
    )
    language = models.CharField(
        max_length=10, null=True, choices=settings.LANGUAGES, default="en", db_default="en"
    )
    notification_email = models.BooleanField(null=True, default=True, db_default=True)
    notification_push = models.BooleanField(null=True, default=True, db_default=True)
    difficulty_preference = models.IntegerField(
        null=True,
        default=3,
        db_default=3,
        validators=[MinValueValidator(DIFFICULTY_MIN), MaxValueValidator(DIFFICULTY_MAX)],
        help_text="From 1 (easy) to 5 (hard).",
    )

    objects: ClassVar = PreferencesQuerySet.as_manager()

    class Meta:
        db_table = "user_preferences"
        verbose_name_plural = "user preferences"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(difficulty_preference__range=(DIFFICULTY_MIN, DIFFICULTY_MAX)),
                name="user_preferences_difficulty",
            ),
        )

    def __str__(self) -> str:
        return f"Preferences of {self.user}"
