"""Sessions of people who are signed in; signing in itself is django-allauth's."""

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import SessionStore


def session_renew(*, request: HttpRequest, user: User) -> None:
    """Go on in a new session after what a person may do has changed; the old one has ended."""
    kept = dict(request.session.items())
    request.session.flush()
    request.session.update(kept)
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if isinstance(request.session, SessionStore):
        request.session.describe_user(user)
