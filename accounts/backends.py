"""Signing in with an email address."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User


class EmailBackend(AuthenticationBackend):
    """django-allauth's, for accounts that are active; a person comes with their preferences."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        if "\x00" in str(credentials.get("email") or credentials.get("username") or ""):
            return None
        found: User | None = super().authenticate(request, **credentials)
        return found

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """By the account's own address: what somebody wants to change to is not theirs yet."""
        user = User.objects.filter(email=email.lower()).first()
        found: User | None = self._check_password(user, password)
        return found

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.select_related("preferences").filter(pk=user_id, is_active=True).first()
