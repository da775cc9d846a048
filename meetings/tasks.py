"""Background work of meetings."""

from celery import shared_task
from django.utils import timezone

from meetings.services import orphans_sweep


@shared_task
def sweep_orphans() -> dict[str, int]:
    """Remove transcripts and files that nothing belongs to any more."""
    return orphans_sweep(now=timezone.now())
