"""What the platform decides for django-allauth."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import services
from accounts.activity import activity_record, client_address
from accounts.addresses import address_claims_drop
from accounts.auth import lockout, secrets
from accounts.auth.invited import token_forget, token_of
from accounts.auth.proof import proof_is_recent
from accounts.mail import mail_queue
from accounts.models import User
from accounts.rules import validate_address
from config import limits
from config.errors import Conflict, DomainError


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign up and as what, where people are sent, and how mail goes out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN) or services.invitation_is_open(token=token_of(request))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "unknown"

    def clean_email(self, email: str) -> str:
        if len(email) > account_settings.EMAIL_MAX_LENGTH:
            raise ValidationError(
                f"An address may have {account_settings.EMAIL_MAX_LENGTH} characters.",
                code="max_length",
            )
        validate_address(email)
        return email

    def clean_password(self, password: str, user: Any = None) -> str:
        if len(password) > limits.PASSWORD_MAX:  # comparing it with the name would take long
            raise ValidationError(
                f"A password may have {limits.PASSWORD_MAX} characters.", code="password_too_long"
            )
        return str(super().clean_password(password, user))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A closed account answers as one that does not exist.

        A try at a locked one is refused by the backend and counts for nothing else: or whoever
        locks an account for one address would lock it everywhere.
        """
        if lockout.is_locked(request, credentials):
            authenticate(request, **credentials)
            return None
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """The library's, with a counter for passwords only (`limits.ACCOUNT_FAILURES`)."""
        usage = lockout.failures_count(request, lockout.account_of(request, credentials))
        self._login_failed_rl_usage = usage
        if usage is None:
            raise self.validation_error("too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        lockout.failures_forget(lockout.account_of(request, credentials))

    def save_user(
        self, request: HttpRequest, user: Any, form: BaseForm, commit: bool = True
    ) -> User:
        """A student, or what the invitation says; both or neither are written."""
        token = form.cleaned_data.get("invitation") or ""
        try:
            with transaction.atomic():
                if (unconfirmed := getattr(form, "unconfirmed", None)) is not None:
                    services.account_take_over(user=user, unconfirmed=unconfirmed)
                user.name = form.cleaned_data.get("name") or user.name
                super().save_user(request, user, form)
                address_claims_drop(user.email, owner=user)
                if token:
                    services.invitation_accept(user=user, token=token)
                activity_record(
                    actor=user, action="sign_up", resource_type="user", resource_id=user.pk
                )
        except (DomainError, IntegrityError) as error:  # somebody else was quicker
            raise self._refusal(request, error) from None
        if token:
            request.invited_address = user.email  # type: ignore[attr-defined]
            token_forget(request)
        return user

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whoever has an invitation's token has read the mail at its address."""
        return getattr(request, "invited_address", None) == email.lower()

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Signing in is as good a proof as proving again, and lasts as long."""
        required = bool(super().is_reauthentication_required(app=app, **kwargs))
        return required and not proof_is_recent(
            allauth_context.request, limits.REAUTHENTICATION_TTL
        )

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        try:
            with transaction.atomic():
                confirmed = bool(super().confirm_email(request, email_address))
                if confirmed:
                    address_claims_drop(email_address.email, owner=email_address.user)
                return confirmed
        except IntegrityError:  # another account has taken the address since
            raise self._refusal(request, Conflict("This address is in use.")) from None

    def is_safe_url(self, url: str) -> bool:
        """Back to this host or to the web application, to no other."""
        request = allauth_context.request
        hosts = {request.get_host(), *(urlsplit(origin).netloc for origin in settings.SPA_ORIGINS)}
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts=hosts, require_https=request.is_secure()
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the queue: whether an address is known must not show in the time, either."""
        request = allauth_context.request
        site = urlsplit(settings.PUBLIC_URL).netloc or request.get_host()
        around = {
            "request": request,
            "email": email,
            "current_site": SimpleNamespace(name="Lectern", domain=site),
        }
        mail_queue(self.render_mail(template_prefix, email, {**around, **context}))

    def send_account_already_exists_mail(self, email: str) -> None:
        make_password(email)  # as long as making an account takes
        super().send_account_already_exists_mail(email)

    def _refusal(self, request: HttpRequest, error: Exception) -> Exception:
        if not isinstance(error, DomainError):
            error = Conflict("This could not be done: try again.")
        if is_headless_request(request):
            return error
        messages.error(request, str(error))
        return ImmediateHttpResponse(HttpResponseRedirect(request.path))


class MFAAdapter(DefaultMFAAdapter):
    """Second factors; their secrets are encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text)

    def _get_site_name(self) -> str:
        return "Lectern"


class HeadlessAdapter(DefaultHeadlessAdapter):
    """Where the links of mails lead: the web application, or else the pages at PUBLIC_URL.

    Without either it is the host that was asked, which ALLOWED_HOSTS limits.
    """

    def get_frontend_url(self, urlname: str, **kwargs: Any) -> str | None:
        found = super().get_frontend_url(urlname, **kwargs)
        if found or not settings.PUBLIC_URL:
            return found
        if urlname == "account_reset_password_from_key":
            path = reverse(urlname, kwargs={"uidb36": "UID", "key": "KEY"})
            path = path.replace("UID-KEY", quote(kwargs["key"]))
        else:
            path = reverse(urlname, kwargs=kwargs or None)
        return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
