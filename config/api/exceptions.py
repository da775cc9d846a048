"""DRF's exception handler: every error is a problem detail."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.problems import CONTENT_TYPE, describe


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: the problem for an error that is the caller's, None for a bug of ours."""
    found = describe(error)
    if found is None:
        return None
    set_rollback()
    problem, headers = found
    return Response(problem, status=problem["status"], headers=headers, content_type=CONTENT_TYPE)
