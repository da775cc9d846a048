"""What follows a sign-in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import SessionStore


@receiver(user_logged_in)
def describe_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Write the user's id, email and role into the session's hash."""
    if isinstance(request.session, SessionStore):
        request.session.describe_user(user)
