"""What django-axes asks us: whose account a request is about, and what a locked one is answered."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.activity import client_address
from config.problems import problem, problem_response

_API = ("/api/", "/_allauth/")
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
