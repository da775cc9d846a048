"""What Celery beat starts, and when (UTC)."""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "purge-stores": {"task": "config.tasks.purge_stores", "schedule": crontab(minute="17")},
    "purge-idempotency-keys": {
        "task": "accounts.tasks.purge_idempotency_keys",
        "schedule": crontab(minute="37"),
    },
    "sweep-meetings": {
        "task": "meetings.tasks.sweep_orphans",
        "schedule": crontab(minute="25", hour="1"),
    },
    "expire-attempts": {"task": "assessments.tasks.expire_attempts", "schedule": 60.0},
    "write-proctoring-reports": {
        "task": "assessments.tasks.write_proctoring_reports",
        "schedule": 60.0,
    },
    "sweep-roster-imports": {
        "task": "classrooms.tasks.sweep_roster_imports",
        "schedule": 60.0,
    },
    "requeue-documents": {"task": "retrieval.tasks.requeue_documents", "schedule": 60.0},
    "requeue-web-pages": {"task": "retrieval.tasks.requeue_web_pages", "schedule": 60.0},
    "recheck-web-pages": {
        "task": "retrieval.tasks.recheck_web_pages",
        "schedule": crontab(minute="47"),
    },
    "remove-vectors": {"task": "retrieval.tasks.remove_vectors", "schedule": 60.0},
    "purge-feedback": {
        "task": "retrieval.tasks.purge_feedback",
        "schedule": crontab(minute="52"),
    },
    "reconcile-vectors": {
        "task": "retrieval.tasks.reconcile_vectors",
        "schedule": crontab(minute="10", hour="2"),
    },
    "sweep-documents": {
        "task": "retrieval.tasks.sweep_files",
        "schedule": crontab(minute="35", hour="1"),
    },
    "reconcile-page-views": {
        "task": "analytics.tasks.reconcile_page_views",
        "schedule": crontab(minute="7"),
    },
    # After midnight UTC: yesterday is closed, and no event of it has expired.
    "rebuild-rollups": {
        "task": "analytics.tasks.rebuild_rollups",
        "schedule": crontab(minute="40", hour="0"),
    },
}
