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

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.select_related("preferences").filter(pk=user_id, is_active=True).first()
