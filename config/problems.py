"""Problem details (RFC 9457) for every error of the API.

Members: `type`, `title`, `status`, `detail`, `code` (stable, for machines) and, for input
that breaks a rule, `errors`: a list of `{field, detail, code}`.
"""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError
from rest_framework import exceptions

from config import limits
from config.errors import DomainError, InvalidInput, RateLimitExceeded, StoreUnavailable

CONTENT_TYPE = "application/problem+json"
_API = ("/api/", "/_allauth/")
logger = logging.getLogger(__name__)

Problem = dict[str, Any]


def describe(error: Exception) -> tuple[Problem, dict[str, str]] | None:
    """The problem and the headers for an error, None if it is none of the known ones."""
    if isinstance(error, RedisError | OperationalError | InterfaceError):
        logger.warning("a store is unavailable: %s", error)
        error = StoreUnavailable()
    if isinstance(error, DomainError):
        return _of_domain_error(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, DjangoPermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    return None


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> JsonResponse:
    """A problem as a plain Django response, for what fails outside DRF's views."""
    return JsonResponse(
        problem, status=problem["status"], headers=headers, content_type=CONTENT_TYPE
    )


def problem(status: int, title: str, code: str, detail: str = "") -> Problem:
    """The members of a problem that every error has."""
    return {
        "type": f"urn:lectern:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
    }


@csrf_exempt  # a wrong address is 404 for every method
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answers a path under /api/ that does not exist."""
    return problem_response(problem(404, "Not found", "not_found", "No such address."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for what it refuses itself: a wrong host, too many fields."""
    if not request.path.startswith(_API):
        return defaults.bad_request(request, exception)
    return problem_response(problem(400, "Bad request", "bad_request"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler for a bug of ours; the log has the traceback."""
    if not request.path.startswith(_API):
        return defaults.server_error(request)
    return problem_response(problem(500, "Something is broken on our side", "server_error"))


def _of_domain_error(error: DomainError) -> tuple[Problem, dict[str, str]]:
    found = problem(error.status, error.title, error.code, error.detail)
    headers: dict[str, str] = {}
    if isinstance(error, InvalidInput) and error.errors:
        found["errors"] = [
            {"field": field, "detail": why, "code": error.code}
            for field, reasons in error.errors.items()
            for why in reasons
        ]
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, RateLimitExceeded):
        headers["RateLimit-Policy"] = (
            f'"{error.endpoint}";q={error.limit};w={limits.RATE_LIMIT_WINDOW}'
        )
        headers["RateLimit"] = f'"{error.endpoint}";r=0;t={error.retry_after}'
        found["policy"] = error.endpoint
    return found, headers


def _of_api_exception(error: exceptions.APIException) -> tuple[Problem, dict[str, str]]:
    codes = error.get_codes()
    if isinstance(error, exceptions.ValidationError):
        found = problem(400, "The input is not valid", "invalid")
        found["errors"] = list(_field_errors(error.get_full_details()))
        found["detail"] = "; ".join(
            f"{item['field']}: {item['detail']}" if item["field"] else item["detail"]
            for item in found["errors"]
        )
    else:
        code = codes if isinstance(codes, str) else "error"
        found = problem(error.status_code, _title(error), code, str(error.detail))
    headers = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "Session")
    return found, headers


def _title(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.MethodNotAllowed):
        return "Method not allowed"  # DRF's default names the method, as a placeholder
    if isinstance(error, exceptions.UnsupportedMediaType):
        return "Unsupported media type"
    return str(type(error).default_detail).rstrip(".")


def _field_errors(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested details; a nested field is named `answers.0.text`."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": path, "detail": str(details["message"]), "code": str(details["code"])}
    elif isinstance(details, dict):
        for key, value in details.items():
            inner = path if key == "non_field_errors" else f"{path}.{key}".lstrip(".")
            yield from _field_errors(value, inner)
    else:
        for index, value in enumerate(details):
            nested = isinstance(value, dict) and set(value) != {"message", "code"}
            yield from _field_errors(value, f"{path}.{index}".lstrip(".") if nested else path)
