"""Telling people what happened to them."""

from collections.abc import Sequence
from logging import getLogger
from uuid import UUID

from celery import shared_task
from django.core.mail import EmailMessage
from django.db import transaction
from kombu.exceptions import OperationalError as QueueUnavailable

from accounts.mail import mail_queue, site_link
from accounts.models import User, UserPreferences
from config import limits

logger = getLogger(__name__)


def notify(*, user: User, subject: str, text: str, link: str | None = None) -> None:
    """Mail a person, after commit, if they want mail (`preferences.notification_email`).

    `link` is an address, or a path of this platform that begins with "/". A mail server or a
    queue that is down never fails the action that is told of. There is no push transport:
    `notification_push` is kept for the web application and changes nothing here. What concerns
    the security of an account, and invitations, are sent whatever is preferred (accounts/auth).
    """
    declined = UserPreferences.objects.filter(user=user, notification_email=False)
    if not user.is_active or declined.exists():
        return
    _mail(user, subject, text, link)


def _mail(user: User, subject: str, text: str, link: str | None) -> None:
    if link is not None:
        address = site_link(link) if link.startswith("/") else link
        text = f"{text.rstrip()}\n\n{address}\n"
    subject = " ".join(subject.split())  # a line break would be another header
    mail_queue(EmailMessage(subject, text, to=[user.email]), robust=True)


def notify_many(
    *, user_ids: Sequence[UUID], subject: str, text: str, link: str | None = None
) -> None:
    """The same for many people at once, who are looked up by a task and not by the caller."""
    size = limits.NOTIFY_BATCH

    def enqueue() -> None:
        for start in range(0, len(user_ids), size):
            part = [str(pk) for pk in user_ids[start : start + size]]
            try:
                notify_batch.delay(user_ids=part, subject=subject, text=text, link=link)
            except QueueUnavailable:
                logger.warning("the queue is unavailable: %s people are not told", len(part))

    transaction.on_commit(enqueue, robust=True)


@shared_task(name="accounts.tasks.notify_batch")
def notify_batch(*, user_ids: list[str], subject: str, text: str, link: str | None) -> None:
    """Give each of these people's mails to the queue, where it is tried again by itself."""
    people = User.objects.filter(pk__in=user_ids, is_active=True)
    for user in people.exclude(preferences__notification_email=False):
        _mail(user, subject, text, link)
