"""The embedded engine's table of the store `events`."""

from django.db import models


class EventRow(models.Model):
    """An event in its hour's partition; `event_id` is the client's, so a replay is known."""

    event_id = models.UUIDField(primary_key=True)
    partition_key = models.CharField(max_length=13)  # YYYY-MM-DD-HH, UTC
    event_time = models.DateTimeField()
    event_type = models.CharField(max_length=50)
    user_id = models.UUIDField(null=True)
    properties = models.JSONField(default=dict)

    class Meta:
        db_table = "events"
        verbose_name = "event"
        indexes = (
            # The spec's order within a partition: newest first.
            models.Index(
                fields=["partition_key", "-event_time", "event_id"], name="idx_events_partition"
            ),
            models.Index(fields=["event_time"], name="idx_events_time"),  # for the purge
        )

    def __str__(self) -> str:
        return f"{self.event_type} at {self.event_time:%Y-%m-%d %H:%M}"
