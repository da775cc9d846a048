"""What every request passes, whichever app answers it."""

from collections.abc import Callable

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from config.errors import StoreUnavailable
from config.problems import describe, problem_response

_API = ("/api/", "/_allauth/")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RefuseNulMiddleware:
    """Refuses a query string with a NUL character: a 400.

    No form sends one and PostgreSQL keeps none, but the admin's filters put what they get
    into a query as it is.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL characters are refused")
        return self.get_response(request)


class StoreUnavailableMiddleware:
    """A page of the admin whose engine is down says so, and every 503 says when to come back.

    The API answers for itself (`config/api/exceptions.py`).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == StoreUnavailable.status:
            response.headers.setdefault("Retry-After", str(StoreUnavailable.retry_after))
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not isinstance(exception, StoreUnavailable):
            return None
        if request.path_info.startswith(_API):
            found = describe(exception)
            return problem_response(*found) if found else None
        response = TemplateResponse(
            request,
            "admin/store_unavailable.html" if request.user.is_authenticated else "503.html",
            {
                **admin.site.each_context(request),
                "title": "Unavailable",
                "reason": str(exception).rstrip("."),
            },
            status=exception.status,
        )
        return response.render()
