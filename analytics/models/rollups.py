"""The embedded engine's tables of the rollups, with the spec's natural keys."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class PageViewRow(models.Model):
    """How often a page was viewed in an hour (UTC)."""

    date = models.DateField()
    hour = models.SmallIntegerField()
    page = models.CharField(max_length=500)
    view_count = models.BigIntegerField(default=0)

    class Meta:
        db_table = "page_view_stats"
        verbose_name = "page views"
        verbose_name_plural = "page views"
        constraints = (
            models.UniqueConstraint(fields=["date", "hour", "page"], name="page_view_stats_key"),
            models.CheckConstraint(
                condition=models.Q(hour__gte=0, hour__lte=23), name="page_view_stats_hour"
            ),
        )

    def __str__(self) -> str:
        return f"{self.page} on {self.date} at {self.hour}: {self.view_count}"


class UserEngagementRow(models.Model):
    """What a person did on a day (UTC)."""

    user_id = models.UUIDField()
    date = models.DateField()
    total_events = models.BigIntegerField()
    unique_pages = models.IntegerField()
    session_count = models.IntegerField()
    total_time_minutes = models.IntegerField()
    engagement_score = models.FloatField()

    class Meta:
        db_table = "user_engagement"
        verbose_name = "engagement"
        verbose_name_plural = "engagement"
        constraints = (
            models.UniqueConstraint(fields=["user_id", "date"], name="user_engagement_key"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} on {self.date}: {self.engagement_score}"


class LearningProgressRow(models.Model):
    """What a person learned of a subject in a week, which begins on Monday (UTC)."""

    user_id = models.UUIDField()
    subject = models.CharField(max_length=100)
    week_start = models.DateField()
    lessons_completed = models.IntegerField()
    time_spent_minutes = models.IntegerField()
    average_score = models.FloatField(null=True)
    topics_mastered = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "learning_progress"
        verbose_name = "learning progress"
        verbose_name_plural = "learning progress"
        constraints = (
            models.UniqueConstraint(
                fields=["user_id", "subject", "week_start"], name="learning_progress_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}, {self.subject}, week of {self.week_start}"


class LearningDay(models.Model):
    """A day's part of a week of learning progress.

    Events live for seven days, so those of a Monday begin to expire when their week ends:
    the week is the sum of its days, each computed while all of its events exist.
    """

    user_id = models.UUIDField()
    subject = models.CharField(max_length=100)
    date = models.DateField()
    lessons = ArrayField(models.TextField(), default=list, help_text="Completed, each once.")
    minutes = models.FloatField(default=0)
    scores = models.JSONField(default=dict, help_text="Question → its latest score.")
    topics = ArrayField(models.TextField(), default=list, help_text="Mastered on this day.")

    class Meta:
        db_table = "learning_days"
        constraints = (
            models.UniqueConstraint(
                fields=["user_id", "subject", "date"], name="learning_days_key"
            ),
        )
        indexes = (models.Index(fields=["date"], name="idx_learning_days_date"),)

    def __str__(self) -> str:
        return f"{self.user_id}, {self.subject}, {self.date}"
