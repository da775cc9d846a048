"""The forms of the account pages that are ours."""

from typing import Any

from allauth.core import context as allauth_context
from django import forms
from django.http import HttpRequest

from accounts import services
from accounts.addresses import address_is_confirmed
from accounts.auth.invited import SESSION_KEY
from accounts.models import User, UserPreferences
from accounts.rules import validate_name
from config.errors import InvalidInput


class SignupForm(forms.Form):
    """The base of django-allauth's sign-up form and of its API's input.

    What it does not name can't be set: role, activity and the rest are not taken from outside.
    """

    name = forms.CharField(
        label="Name",
        max_length=100,
        required=False,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    # The token of an invitation; without one the account is a student's.
    invitation = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    unconfirmed: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and (token := allauth_context.request.session.get(SESSION_KEY)):
            self.initial["invitation"] = token
            self.initial.update(services.invitation_preview(token=token))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        token, email = cleaned.get("invitation"), cleaned.get("email")
        if token and email:
            try:
                services.invitation_check(token=token, email=email)
            except InvalidInput as error:
                self.add_error("invitation", forms.ValidationError(str(error), "invitation"))
        if email:
            self._find_account(email, invited=bool(token) and not self.errors)
        return cleaned

    def _find_account(self, email: str, *, invited: bool) -> None:
        """Say whether this address has an account: what others want to change to is none.

        Whoever is invited takes over an account that nobody has confirmed.
        """
        known = User.objects.filter(email=email).first()
        self.account_already_exists = known is not None
        if invited and known is not None and not address_is_confirmed(known):
            self.unconfirmed = known
            self.account_already_exists = False

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by django-allauth with the saved user; the adapter has done all there is."""


class PreferencesForm(forms.ModelForm):
    """One's own preferences."""

    class Meta:
        model = UserPreferences
        fields = (
            "theme",
            "language",
            "notification_email",
            "notification_push",
            "difficulty_preference",
        )
        labels = {
            "notification_email": "Notify me by mail",
            "notification_push": "Notify me in the web application",
            "difficulty_preference": "Difficulty",
        }
        widgets = {
            "notification_email": forms.CheckboxInput,
            "notification_push": forms.CheckboxInput,
        }
