"""The API's throttle: each view names its rate."""

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.ratelimit import caller_identity, rate_limit_hit
from accounts.ratelimit_middleware import rate_limit_note


class NamedRateThrottle(BaseThrottle):
    """Counts by user, or by address for a caller who is not signed in.

    A view names its rate by `throttle_name`; RateLimitExceeded becomes the 429.
    """

    def allow_request(self, request: Request, view: object) -> bool:
        user = request.user
        identity = str(user.pk) if user and user.is_authenticated else caller_identity(request)
        state = rate_limit_hit(
            identity=identity, endpoint=getattr(view, "throttle_name", "default")
        )
        rate_limit_note(request._request, state)
        return True
