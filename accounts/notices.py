"""What goes wrong before a view can answer: a problem for programs, a page for people."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from config.problems import Problem, problem_response

_PAGES = ("/admin/", "/accounts/")

# By status; the page needs neither a session nor a user, which may be what is missing.
_WORDS = {
    401: "Someone ended it, here or on another device. Sign in again to go on.",
    429: "Too much was sent from here in a short time. Wait a little and try again.",
    503: "Nothing is lost, and you are still signed in. Try this page again in a few seconds.",
}


def problem_or_page(
    request: HttpRequest, problem: Problem, headers: Mapping[str, str] | None = None
) -> HttpResponseBase:
    """Problem details, or a plain page for someone who looks at the admin or their account."""
    status = int(problem["status"])
    if not request.path.startswith(_PAGES):
        return problem_response(problem, dict(headers or {}))
    context = {"problem": problem, "words": _WORDS.get(status, problem["detail"])}
    # Without the request: its context processors would ask for the user.
    page = render_to_string("accounts/notice.html", context)
    return HttpResponse(page, status=status, headers=dict(headers or {}))
