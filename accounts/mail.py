"""Mails go out of a background task: no request waits for the mail server, and while it is down
nothing is lost.
"""

from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.db import transaction
from kombu.exceptions import OperationalError as QueueUnavailable

from config import limits
from config.errors import StoreUnavailable


class PrivateFolderBackend(EmailBackend):
    """Mails as files, while no mail server is set; others must not read the links in them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(*args, **kwargs)


def site_link(path: str) -> str:
    """The address of `path` (which begins with "/") for a mail that no request stands behind.

    It leads to the web application where that has an origin of its own.
    """
    origin = next(iter(settings.SPA_ORIGINS), settings.PUBLIC_URL) or "http://localhost:8000"
    return f"{origin.rstrip('/')}{path}"


def mail_queue(message: EmailMessage, *, robust: bool = False) -> None:
    """Hand a mail to the queue after the transaction commits.

    A queue that is down is StoreUnavailable, or, with `robust`, a line in the log.
    """
    html = next(
        (str(body) for body, kind in getattr(message, "alternatives", ()) if kind == "text/html"),
        "",
    )
    letter = {
        "subject": message.subject,
        "text": str(message.body),
        "html": html,
        "sender": message.from_email,
        "to": list(message.to),
    }
    transaction.on_commit(lambda: _enqueue(letter), robust=robust)


def _enqueue(letter: dict[str, Any]) -> None:
    try:
        send_mail.delay(**letter)
    except QueueUnavailable:
        raise StoreUnavailable("No mail can be sent now.") from None


@shared_task(
    name="accounts.tasks.send_mail",
    autoretry_for=(OSError,),  # a refused or broken connection; smtplib's errors are of it too
    retry_backoff=True,
    retry_backoff_max=limits.EMAIL_RETRY_MAX,
    max_retries=limits.EMAIL_RETRIES,
)
def send_mail(*, subject: str, text: str, html: str, sender: str, to: list[str]) -> None:
    """Give one mail to the mail server; tried again until it takes it."""
    message = EmailMultiAlternatives(subject, text, sender, to)
    if html:
        message.attach_alternative(html, "text/html")
    message.send()
