"""Background work of analytics."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from analytics.services import page_views_reconcile, rollups_rebuild
from analytics.services.rollups import retained_days
from config import limits

_RECENT = timedelta(hours=3)


@shared_task
def reconcile_page_views() -> int:
    """Make the counters of the last closed hours exact; how many were wrong."""
    now = timezone.now()
    return page_views_reconcile(start=now - _RECENT, end=now, now=now)


@shared_task
def rebuild_rollups() -> int:
    """Compute every closed day that still has all its events, late ones included; how many."""
    now = timezone.now()
    page_views_reconcile(start=now - limits.EVENT_RETENTION, end=now, now=now)
    start, end = retained_days(now)
    return len(rollups_rebuild(start=start, end=end, now=now).done)
