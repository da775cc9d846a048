"""Changing and resetting passwords: the forms of the pages, and the inputs of the library's API.

Both differ from the library's in the same two things. The current password is checked as one that
somebody signs in with, so that a stolen session does not guess it. And whether an address is
known is looked up by a task: the answer can't tell, not even by its time.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as LibraryChangePasswordForm
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.core import context as allauth_context
from allauth.headless.account.inputs import ChangePasswordInput as LibraryChangePasswordInput
from allauth.headless.account.views import ChangePasswordView as LibraryChangePasswordView
from allauth.headless.account.views import (
    RequestPasswordResetView as LibraryRequestPasswordResetView,
)
from allauth.headless.internal.restkit.inputs import Input
from celery import shared_task
from django import forms
from django.http import HttpRequest
from django.utils import translation
from kombu.exceptions import OperationalError as QueueUnavailable

from accounts.models import User
from config.errors import StoreUnavailable


@shared_task(name="accounts.tasks.mail_reset_link")
def mail_reset_link(*, email: str, host: str, secure: bool, language: str) -> None:
    """Mail the link that resets the password of the account with this address, if there is one.

    `host` (with `secure`) is what the link leads to where no PUBLIC_URL says so.
    """
    users = list(User.objects.filter(email=email, is_active=True))
    if not users:
        return
    name, _, port = host.rpartition(":") if ":" in host else (host, "", "")
    request = HttpRequest()
    request.META = {
        "SERVER_NAME": name,
        "SERVER_PORT": port or ("443" if secure else "80"),
        "wsgi.url_scheme": "https" if secure else "http",
    }
    with allauth_context.request_context(request), translation.override(language):
        request_password_reset(request, email, users, None)


class ResetPasswordForm(forms.Form):
    """Asks for the mail that resets a password; valid for every address that can be one."""

    email = forms.EmailField(
        label="Email",
        widget=forms.EmailInput(attrs={"placeholder": "Email address", "autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        return str(get_adapter().clean_email(self.cleaned_data["email"].lower()))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = str(self.cleaned_data["email"])
        try:
            mail_reset_link.delay(
                email=email,
                host=request.get_host(),
                secure=request.is_secure(),
                language=translation.get_language() or "en",
            )
        except QueueUnavailable:
            raise StoreUnavailable("No mail can be sent now.") from None
        return email


class RequestPasswordResetInput(ResetPasswordForm, Input):
    """The same for the API."""


class RequestPasswordResetView(LibraryRequestPasswordResetView):
    """The library's, with our input."""

    input_class = RequestPasswordResetInput


class ChangePasswordForm(LibraryChangePasswordForm):
    """Another password, for whoever knows the current one."""

    def clean_oldpassword(self) -> str:
        return _current(self.user, self.cleaned_data.get("oldpassword", ""))


class ChangePasswordInput(LibraryChangePasswordInput):
    """The same for the API."""

    def clean_current_password(self) -> str:
        password = self.cleaned_data["current_password"]
        return _current(self.user, password) if password else password


class ChangePasswordView(LibraryChangePasswordView):
    """The library's, with our input."""

    input_class = ChangePasswordInput


def _current(user: Any, password: str) -> str:
    """The password if it is the account's; wrong ones count as those of signing in do."""
    if not get_adapter().reauthenticate(user, password):
        raise get_adapter().validation_error("enter_current_password")
    return password
