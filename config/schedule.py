"""What Celery beat starts, and when (UTC)."""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "purge-stores": {"task": "config.tasks.purge_stores", "schedule": crontab(minute="17")},
    "requeue-documents": {"task": "retrieval.tasks.requeue_documents", "schedule": 60.0},
}
