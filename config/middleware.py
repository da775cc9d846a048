"""What every request passes, whichever app answers it."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class RefuseNulMiddleware:
    """Refuses a query string with a NUL character: a 400.

    No form sends one and PostgreSQL keeps none, but the admin's filters put what they get
    into a query as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL characters are refused")
        return self.get_response(request)
