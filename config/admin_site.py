"""The admin site: the theme's, open to teachers and admins, limited against guessing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from accounts.services import login_attempt
from config.errors import RateLimitExceeded


class LecternAdminSite(UnfoldAdminSite):  # type: ignore[misc] # untyped theme
    """Who may enter is `User.is_staff`; what they see is scoped by object."""

    site_url = None
    enable_nav_sidebar = True

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            try:
                login_attempt(request=request, email=request.POST.get("username", ""))
            except RateLimitExceeded as error:
                return HttpResponse(
                    str(error), status=429, headers={"Retry-After": str(error.retry_after)}
                )
        response: HttpResponse = super().login(request, extra_context)
        return response
