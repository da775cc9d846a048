"""Django's middleware for sessions, with answers of our own for what can go wrong."""

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

from accounts.live_sessions import current_session
from accounts.notices import problem_or_page
from config.problems import describe, problem


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's own, with three answers of our own.

    A Redis or a PostgreSQL that is down is a 503 with Retry-After and ends no session. A
    session that ended while its request was under way is a 401. A request that did not look
    at its session (a health check, with a cookie of yesterday) does not touch Redis.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return super().__call__(request)  # type: ignore[return-value]
        finally:
            current_session.set(None)

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.describe_origin(request)  # type: ignore[attr-defined]
        current_session.set(request.session)

    def process_response(  # type: ignore[override] # also for what streams
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        session = getattr(request, "session", None)
        if session is not None and not (session.accessed or session.modified):
            return response
        if response.status_code >= 500:
            # Nothing is saved then; and a Redis that hangs is not waited for once more.
            return response
        try:
            return super().process_response(request, response)  # type: ignore[arg-type]
        except RedisError as error:
            return _unavailable(request, error)
        except SessionInterrupted:
            return _ended(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, RedisError | OperationalError | InterfaceError):
            return _unavailable(request, exception)
        if isinstance(exception, UpdateError | SessionInterrupted):
            return _ended(request)
        return None


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponseBase:
    found = describe(error)
    assert found is not None
    return problem_or_page(request, *found)


def _ended(request: HttpRequest) -> HttpResponseBase:
    return problem_or_page(request, problem(401, "This session has ended", "session_ended"))
