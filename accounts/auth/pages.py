"""Account pages that django-allauth does not have: home, preferences, invitations."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import services
from accounts.addresses import address_is_confirmed
from accounts.auth.forms import PreferencesForm
from accounts.auth.invited import SESSION_KEY, token_forget, token_keep
from accounts.models import User, UserPreferences
from config.errors import DomainError, InvalidInput


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Teachers and admins go on to the admin; a student's classes are in the web application."""
    if cast(User, request.user).is_staff:
        return redirect("admin:index")
    application = next(iter(settings.SPA_ORIGINS), "")
    return render(request, "accounts/home.html", {"application": application})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own preferences."""
    user = cast(User, request.user)
    found = UserPreferences.objects.filter(user=user).first() or UserPreferences(user=user)
    form = PreferencesForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.preferences_update(actor=user, user=user, **form.cleaned_data)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The settings were saved."))
            return redirect("account_preferences")
    return render(request, "accounts/preferences.html", {"form": form})


@never_cache
@require_GET
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation's mail leads to: the token moves into the session, out of the address."""
    if not services.invitation_is_open(token=token):
        messages.error(request, "This invitation is not valid: it may be used or too old.")
        return redirect("home")
    token_keep(request, token)
    return redirect("account_invitation_accept")


@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest) -> HttpResponse:
    """Someone with an account accepts here; everybody else signs up, or in, first."""
    token = str(request.session.get(SESSION_KEY, ""))
    found: dict[str, Any] = services.invitation_preview(token=token)
    if not found:
        token_forget(request)
        return redirect("home")
    if not request.user.is_authenticated:
        known = User.objects.filter(email=found["email"]).first()
        if known is not None and address_is_confirmed(known):
            return redirect(f"{reverse('account_login')}?next={request.path}")
        return redirect("account_signup")
    if request.method == "POST":
        try:
            user = services.invitation_accept(user=request.user, token=token)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            services.session_renew(request=request, user=user)
            token_forget(request)
            return redirect("home")
    return render(request, "accounts/invitation.html", {"invitation": found})
