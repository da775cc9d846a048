"""What django-axes asks us: whose account a request is about, and what a locked one is answered."""

from typing import Any

from allauth.core.internal import ratelimit
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.activity import client_address
from config import limits
from config.problems import problem, problem_response

_API = ("/api/", "/_allauth/")
# The library's counter of wrong passwords of one account from anywhere.
_COUNTER: dict[str, Any] = {
    "app": "allauth.account",
    "action": "password_failed",
    "config": {"password_failed": limits.ACCOUNT_FAILURES},
}
_HEADERS = ("axes_user_agent", "axes_path_info", "axes_http_accept")


class AttemptHandler(AxesDatabaseHandler):
    """django-axes' own; a NUL in a header, which no column takes, does not hide a failure."""

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> Any:
        for name in _HEADERS if request is not None else ():
            setattr(request, name, str(getattr(request, name, "")).replace("\x00", ""))
        return super().user_login_failed(sender, credentials, request, **kwargs)


@receiver(pre_save, sender=AccessAttempt)
def keep_no_input(sender: Any, instance: AccessAttempt, **kwargs: Any) -> None:
    """What was typed is not kept: a password goes into the wrong field soon enough."""
    instance.get_data = instance.post_data = ""


def account_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address that somebody tries to sign in with, in the spelling that the table has."""
    found = credentials or {}
    address = str(found.get("email") or found.get("username") or "")
    return address.replace("\x00", "").strip().lower()[:255]


def is_locked(request: HttpRequest, credentials: dict[str, Any]) -> bool:
    """Whether this account is locked for the request's address: the backend will refuse it."""
    return not AxesProxyHandler.is_allowed(request, credentials)


def failures_count(request: HttpRequest, email: str) -> ratelimit.RateLimitUsage | None:
    """Count a try of an account to those from anywhere, None if there were too many.

    A try that succeeds gives the usage back (`rollback`).
    """
    return ratelimit.consume(request, key=_counter_key(email), **_COUNTER)


def failures_forget(email: str) -> None:
    """The tries from anywhere count no more: somebody has reset the password, or lifted a lock."""
    ratelimit.clear(HttpRequest(), key=_counter_key(email), **_COUNTER)


def lock_lift(attempt: AccessAttempt) -> None:
    """Forget the wrong passwords of an account, from the address of this entry and anywhere."""
    attempt.delete()
    failures_forget(attempt.username or "")


def lock_holds(attempt: AccessAttempt) -> bool:
    """Whether the account of this entry is locked for its address now."""
    return (
        attempt.failures_since_start >= limits.LOGIN_FAILURES
        and attempt.attempt_time + limits.LOGIN_COOLOFF > timezone.now()
    )


def _counter_key(email: str) -> str:
    # Not by the host that was asked, as the library has it: an account is one under all names.
    return f"login:{email.strip().lower()}"


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """The answer while an account is locked for an address, the same whether it exists or not."""
    seconds = _seconds_left(request, credentials)
    minutes = -(-seconds // 60)
    detail = f"Too many wrong passwords: try again in {minutes} minute{'s' * (minutes != 1)}."
    if request.path_info.startswith(_API):
        found = problem(429, "Locked", "account_locked", detail)
        return problem_response(found, {"Retry-After": str(seconds)})
    page = render(request, "accounts/locked.html", {"detail": detail}, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page


def _seconds_left(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    last = (
        AccessAttempt.objects.filter(
            username=account_of(request, credentials), ip_address=client_address(request)
        )
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    whole = int(settings.AXES_COOLOFF_TIME.total_seconds())
    if last is None:
        return whole
    return max(whole - int((timezone.now() - last).total_seconds()), 1)
