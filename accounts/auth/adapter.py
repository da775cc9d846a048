"""What the platform decides for django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.activity import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign up, and whose address a request has."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "unknown"


class MFAAdapter(DefaultMFAAdapter):
    """Second factors."""


class HeadlessAdapter(DefaultHeadlessAdapter):
    """What the API tells the web application of its user."""
