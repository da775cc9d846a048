"""Background work of assessments."""

from celery import shared_task

from assessments import services


@shared_task
def expire_attempts() -> int:
    """Submit what was saved in attempts whose time is over."""
    return services.attempts_expire()


@shared_task
def write_proctoring_reports() -> int:
    """Write the reports that are still owed, and keep the running sessions alive."""
    services.sessions_renew()
    return services.reports_write()
