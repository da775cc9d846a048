"""Session authentication that answers 401, not 403, to a caller who is not signed in."""

from drf_spectacular.authentication import SessionScheme
from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, with its CSRF check on every unsafe request."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SessionAuthenticationScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """Tells the OpenAPI document about the class above."""

    target_class = SessionAuthentication  # type: ignore[assignment]
