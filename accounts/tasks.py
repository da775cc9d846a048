"""Background work of accounts: Celery looks for it here."""

from celery import shared_task

from accounts import services
from accounts.auth.passwords import mail_reset_link
from accounts.mail import send_mail
from accounts.notifications import notify_batch

__all__ = ["mail_reset_link", "notify_batch", "purge_idempotency_keys", "send_mail"]


@shared_task
def purge_idempotency_keys() -> int:
    """Forget what creations answered long ago."""
    return services.idempotency_keys_purge()
