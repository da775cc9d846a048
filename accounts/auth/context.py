"""What the account pages need to look like the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

_NAMES = (
    "border_radius",
    "colors",
    "scripts",
    "site_favicons",
    "site_header",
    "site_icon",
    "site_logo",
    "site_subheader",
    "site_symbol",
    "site_title",
    "styles",
    "theme",
)


def theme(request: HttpRequest) -> dict[str, Any]:
    """A context processor: the admin's theme, for the pages that the admin does not render."""
    if request.path_info != "/" and not request.path_info.startswith("/accounts/"):
        return {}
    found = admin.site.each_context(request)
    return {name: found.get(name) for name in _NAMES}
