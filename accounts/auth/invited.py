"""The invitation that a request carries: in its form, its JSON, or the session of its link."""

import json

from django.http import HttpRequest

SESSION_KEY = "invitation"


def token_of(request: HttpRequest) -> str:
    """The invitation's token, "" if there is none; nothing here says that it is valid."""
    if request.content_type == "application/json":
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            return ""
        token = body.get("invitation", "") if isinstance(body, dict) else ""
    else:
        token = request.POST.get("invitation", "")
    return str(token or request.session.get(SESSION_KEY, ""))


def token_keep(request: HttpRequest, token: str) -> None:
    """Take the token out of the address, where logs and other sites would see it."""
    request.session[SESSION_KEY] = token


def token_forget(request: HttpRequest) -> None:
    """The invitation is used, or not wanted."""
    request.session.pop(SESSION_KEY, None)
