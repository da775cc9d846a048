"""The errors of django-allauth's API as problem details (RFC 9457).

The library's members (`status`, `data` with its flows, `meta`, `errors`) stay as they are, so
that its clients go on working; what a problem has beside them is added here, in one place. What
no input of it may be (a body that is no object, text that no database keeps) ends here too.
"""

import io
import json
import logging
import struct
from collections.abc import Callable
from typing import Any

from allauth.core.internal.ratelimit import parse_rate
from cryptography.exceptions import InvalidSignature
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.csrf import csrf_failure as csrf_failure_page
from rest_framework.exceptions import APIException, ParseError

from config import limits
from config.api.parsers import JSONParser
from config.errors import DomainError, InvalidInput, TooLarge
from config.problems import CONTENT_TYPE, describe, problem, problem_response

PREFIX = "/_allauth/"
# The library routes these, and would break: there are no phones here, and no codes by mail.
_NOT_OFFERED = tuple(
    f"{PREFIX}browser/v1/{path}" for path in ("account/phone", "auth/phone/", "auth/code/")
)
logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]

_WRONG_CREDENTIALS = "email_password_mismatch"
_TOO_MANY = frozenset({"too_many_login_attempts", "rate_limited"})
# What the library counts itself has one length of time.
_RETRY_AFTER = str(int(parse_rate(limits.ACCOUNT_FAILURES).duration))
# A step that is open while somebody signs in, and what a client is told of it.
_PENDING = {
    "verify_email": ("email_not_verified", "The email address must be confirmed first."),
    "mfa_authenticate": ("second_factor_required", "A second factor is needed."),
}
_UNREADABLE = "This is no credential of a passkey or a security key."
_CREDENTIAL_ERRORS = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)
_TITLES = {
    400: ("invalid", "The input is not valid"),
    401: ("not_authenticated", "Authentication credentials were not provided"),
    403: ("permission_denied", "You may not do this"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    409: ("conflict", "The current state does not allow this"),
    410: ("session_ended", "This session has ended"),
    413: ("too_large", "Too large"),
    429: ("rate_limit_exceeded", "Too many requests"),
    500: ("server_error", "Something is broken on our side"),
}


class AuthProblemsMiddleware:
    """Looks at what comes to the library's API, and makes problems of its errors."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if request.path_info.startswith(_NOT_OFFERED):
            return problem_response(problem(404, "Not found", "not_found", "No such address."))
        try:
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                _check_body(request)
        except (DomainError, APIException) as error:
            found = describe(error)
            assert found is not None
            return problem_response(*found)
        response = self.get_response(request)
        if response.status_code < 400 or response.headers.get("Content-Type") == CONTENT_TYPE:
            return response
        return _as_problem(request, response)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """A method that a view lacks is refused before its input is tried."""
        if not request.path_info.startswith(PREFIX) or request.method is None:
            return None
        known = getattr(view, "view_class", None)
        if known is None or hasattr(known, request.method.lower()) or request.method == "HEAD":
            return None
        names = [name for name in known.http_method_names if hasattr(known, name)]
        response = problem_response(problem(405, "Method not allowed", "method_not_allowed"))
        response.headers["Allow"] = ", ".join(name.upper() for name in names)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        api = request.path_info.startswith(PREFIX)
        if _is_garbled_credential(request, exception):
            logger.warning("a credential can't be read", exc_info=exception)
            if not api:
                messages.error(request, _UNREADABLE)
                return HttpResponseRedirect(request.path)
            exception = InvalidInput(errors={"credential": [_UNREADABLE]})
        found = describe(exception) if api else None
        return problem_response(*found) if found else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's view for an unsafe request without the CSRF token."""
    if not request.path_info.startswith(PREFIX):
        return csrf_failure_page(request, reason=reason)
    return problem_response(
        problem(403, "You may not do this", "csrf_failed", f"CSRF check failed: {reason}")
    )


def _is_garbled_credential(request: HttpRequest, exception: Exception) -> bool:
    """Whether a passkey's answer broke the library that reads it, which trusts its shape."""
    match = request.resolver_match
    name = str(match.url_name or "") if match else ""
    return (
        request.method == "POST"
        and ("webauthn" in name or "webauthn" in request.path_info)
        and isinstance(exception, _CREDENTIAL_ERRORS)
    )


def _check_body(request: HttpRequest) -> None:
    """Refuse a body that the library's forms or the database could not take."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > limits.AUTH_MAX_BYTES:
        raise TooLarge(f"A body may have {limits.AUTH_MAX_BYTES // 1024} KiB.")
    if not request.body:
        return
    value = JSONParser().parse(io.BytesIO(request.body), "application/json", {})
    if not isinstance(value, dict):
        raise ParseError("The body must be a JSON object.")
    nested = ("credential",)
    if any(isinstance(inner, dict) for name, inner in value.items() if name not in nested):
        raise ParseError("Only `credential` may be an object.")


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    body = _library_body(response)
    errors = [_with_field(error) for error in body.get("errors") or ()]
    status = response.status_code
    codes = {str(error.get("code")) for error in errors}
    if codes & _TOO_MANY:
        status = 429
    code, title = _TITLES.get(status, ("error", "The request could not be carried out"))
    detail = "; ".join(
        f"{error['field']}: {error['detail']}" if error["field"] else error["detail"]
        for error in errors
    )
    if status == 401:
        code, detail = _missing(body)
    elif _WRONG_CREDENTIALS in codes:
        code, detail = "wrong_credentials", "The email address or the password is wrong."
    elif status == 403 and request.path_info.endswith("/auth/signup"):
        code, detail = "sign_up_closed", "Signing up needs an invitation."
    found = {**body, **problem(status, title, code, detail)}
    if errors:
        found["errors"] = errors
    answer = problem_response(found)
    for name, value in response.headers.items():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    answer.cookies = response.cookies
    if status == 429:
        answer.headers.setdefault("Retry-After", _RETRY_AFTER)
    elif status == 401:
        answer.headers.setdefault("WWW-Authenticate", "Session")
    return answer


def _library_body(response: HttpResponseBase) -> dict[str, Any]:
    """The JSON of the library; nothing of a page of Django's."""
    if response.headers.get("Content-Type") != "application/json":
        return {}
    found = json.loads(getattr(response, "content", b"") or b"{}")
    return found if isinstance(found, dict) else {}


def _with_field(error: dict[str, Any]) -> dict[str, Any]:
    return {
        **error,
        "field": error.get("param", ""),
        "detail": error.get("message", ""),
        "code": error.get("code", "invalid"),
    }


def _missing(body: dict[str, Any]) -> tuple[str, str]:
    """Which step a 401 asks for: a code and a sentence."""
    if (body.get("meta") or {}).get("is_authenticated"):
        return "reauthentication_required", "Prove again who you are to do this."
    for flow in (body.get("data") or {}).get("flows") or ():
        if flow.get("is_pending") and flow.get("id") in _PENDING:
            return _PENDING[flow["id"]]
    return "not_authenticated", "Authentication credentials were not provided."
