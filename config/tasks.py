"""Background work that belongs to no single app."""

from celery import shared_task
from django.utils import timezone

from config.stores import purge_all


@shared_task
def purge_stores() -> dict[str, int]:
    """Remove from every store what has outlived its retention."""
    return purge_all(timezone.now())
