"""The embedded engine's table of the store `activity_logs`."""

from django.db import models


class ActivityLogRow(models.Model):
    """One entry of the activity log, in the spec's words."""

    id = models.CharField(primary_key=True, max_length=24)
    user_id = models.UUIDField(null=True)
    action = models.CharField(max_length=100)
    resource_type = models.CharField(max_length=100)
    resource_id = models.CharField(max_length=100)
    metadata = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=500)
    timestamp = models.DateTimeField()

    class Meta:
        db_table = "activity_logs"
        verbose_name = "activity"
        verbose_name_plural = "activity log"
        indexes = (
            models.Index(fields=["user_id", "-timestamp"], name="idx_activity_user_time"),
            models.Index(fields=["action"], name="idx_activity_action"),
            models.Index(fields=["timestamp"], name="idx_activity_timestamp"),
        )

    def __str__(self) -> str:
        return f"{self.action} at {self.timestamp:%Y-%m-%d %H:%M}"
