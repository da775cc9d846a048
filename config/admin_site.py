"""The admin site: the theme's, open to teachers and admins, behind the platform's own sign-in."""

from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.sites import UnfoldAdminSite


class AutocompleteView(AutocompleteJsonView):
    """Django's, where the admin of what is chosen says how it is shown (`autocomplete_label`), and
    that of what it is chosen for which are offered (`autocomplete_narrow`)."""

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        chooser = cast(AdminSite, self.admin_site).get_model_admin(self.source_field.model)
        narrow = getattr(chooser, "autocomplete_narrow", None)
        return narrow(self.source_field.name, found) if narrow else found

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "autocomplete_label", str)
        return {**super().serialize_result(obj, to_field_name), "text": label(obj)}


class LecternAdminSite(UnfoldAdminSite):  # type: ignore[misc] # untyped theme
    """Who may enter is `User.is_staff`; what they see is scoped by object.

    There is one way to sign in, so that second factors and locks hold here as well.
    """

    site_url = None
    enable_nav_sidebar = True

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = get_next_redirect_url(request) or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?{urlencode({'next': page})}")
        if not self.has_permission(request):
            raise PermissionDenied("The admin is for teachers and administrators.")
        return redirect(page)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, AutocompleteView.as_view(admin_site=self)(request))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The theme is the one that the person prefers."""
        context: dict[str, Any] = super().each_context(request)
        preferences = getattr(request.user, "preferences", None)
        if preferences is not None and preferences.theme:
            context["theme"] = preferences.theme
        return context
