"""Session authentication that answers 401, not 403, to a caller who is not signed in."""

from drf_spectacular.authentication import SessionScheme
from rest_framework import authentication, exceptions
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, with its CSRF check on every unsafe request."""

    def enforce_csrf(self, request: Request) -> None:
        """The same code as the sign-in API's: a client fetches another token and tries again."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied(str(error.detail), code="csrf_failed") from None

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SessionAuthenticationScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """Tells the OpenAPI document about the class above."""

    target_class = SessionAuthentication  # type: ignore[assignment]
