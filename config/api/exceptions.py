"""DRF's exception handler: every error is a problem detail."""

from typing import Any

from django.http import HttpResponse
from rest_framework.views import set_rollback

from config.problems import describe, problem_response


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's hook: the problem for an error that is the caller's, None for a bug of ours."""
    found = describe(error)
    if found is None:
        return None
    set_rollback()
    # Not DRF's own response: a view that renders YAML would render the problem so, too.
    return problem_response(*found)
