"""What django-axes asks us: whose account a request is about, and what a locked one is answered."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.problems import problem, problem_response


def account_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address that somebody tries to sign in with, in the spelling that the table has."""
    found = credentials or {}
    return str(found.get("email") or found.get("username") or "").strip().lower()[:255]


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """The answer while an account is locked for an address."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return problem_response(
        problem(
            429,
            "Locked",
            "account_locked",
            f"Too many wrong passwords: try again in {seconds // 60} minutes.",
        ),
        {"Retry-After": str(seconds)},
    )
