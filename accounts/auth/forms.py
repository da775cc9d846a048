"""What signing up asks for beside address and password."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts.models import User


class SignupForm(forms.Form):
    """The base of django-allauth's sign-up form and of its API's input."""

    name = forms.CharField(max_length=100, required=False)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by django-allauth with the saved user."""
        cleaned: dict[str, Any] = self.cleaned_data
        user.name = cleaned.get("name") or None
        user.save(update_fields=["name", "updated_at"])
