"""What follows making an account, signing in and out, through the API or the admin alike."""

from typing import Any

from allauth.account.signals import password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.activity import activity_record
from accounts.addresses import address_prove
from accounts.models import User, UserPreferences
from accounts.sessions import SessionStore


@receiver(post_save, sender=User)
def make_preferences(sender: Any, instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    """Nobody is without preferences, whoever made the account."""
    if created and not raw:
        UserPreferences.objects.create(user=instance)


@receiver(password_reset)
def confirm_by_reset(sender: Any, user: User, **kwargs: Any) -> None:
    """The link of the reset was in a mail to the account's address: so somebody reads it."""
    address_prove(user)


@receiver(user_logged_in)
def describe_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Write the user's id, email and role into the session's hash."""
    if isinstance(request.session, SessionStore):
        request.session.describe_user(user)


@receiver(user_logged_in)
def log_login(sender: Any, user: User, **kwargs: Any) -> None:
    """Put the sign-in into the activity log."""
    activity_record(actor=user, action="login", resource_type="user", resource_id=user.pk)


@receiver(user_logged_out)
def log_logout(sender: Any, user: User | None, **kwargs: Any) -> None:
    """Put the sign-out into the activity log."""
    if user is not None:
        activity_record(actor=user, action="logout", resource_type="user", resource_id=user.pk)
