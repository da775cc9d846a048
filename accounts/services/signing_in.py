"""Sessions of people who are signed in; signing in itself is django-allauth's."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import SessionStore


def session_renew(*, request: HttpRequest, user: User) -> None:
    """Go on in a new session after what a person may do has changed; the old one has ended."""
    update_session_auth_hash(request, user)
    if isinstance(request.session, SessionStore):
        request.session.describe_user(user)
