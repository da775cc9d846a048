"""Telling people what happened to them."""

from django.core.mail import EmailMessage

from accounts.mail import mail_queue, site_link
from accounts.models import User, UserPreferences


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
    if link is not None:
        address = site_link(link) if link.startswith("/") else link
        text = f"{text.rstrip()}\n\n{address}\n"
    subject = " ".join(subject.split())  # a line break would be another header
    mail_queue(EmailMessage(subject, text, to=[user.email]), robust=True)
