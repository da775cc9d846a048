"""Time spent on a topic."""

from django.db import transaction
from django.utils import timezone

from accounts.activity import activity_record
from accounts.models import User
from config import limits
from config.errors import InvalidInput
from progress.models import Progress, Topic
from progress.services.events import announce_time
from progress.services.rows import locked_rows, touch


@transaction.atomic
def time_spent_record(*, user: User, topic: Topic, minutes: int) -> Progress:
    """Add minutes (1 to `limits.TIME_SPENT_MAX_MINUTES`) to the user's time on a topic."""
    if not 1 <= minutes <= limits.TIME_SPENT_MAX_MINUTES:
        raise InvalidInput(
            errors={"minutes": [f"From 1 to {limits.TIME_SPENT_MAX_MINUTES} minutes at once."]}
        )
    now = timezone.now()
    row: Progress = locked_rows(user.pk, [topic.pk], now)[topic.pk]
    row.time_spent_minutes = (row.time_spent_minutes or 0) + minutes
    touch(row, now)
    row.save(update_fields=["time_spent_minutes", "last_activity"])
    announce_time(row, minutes, now)
    activity_record(
        actor=user,
        action="time_spent_record",
        resource_type="topic",
        resource_id=topic.pk,
        metadata={"minutes": minutes},
    )
    return row
