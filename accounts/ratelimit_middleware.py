"""The headers that tell a client of the API how much it may still ask.

`RateLimit-Policy: "search";q=60;w=60` and `RateLimit: "search";r=59;t=42`, structured fields of
draft-ietf-httpapi-ratelimit-headers: the quota, its window, what is left of it, and the seconds
until the window ends.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.ratelimit import RateLimitState, caller_identity, rate_limit_hit
from config import limits
from config.errors import DomainError
from config.problems import describe, problem_response

_API = "/api/"


def rate_limit_note(request: HttpRequest, state: RateLimitState) -> None:
    """Have the answer to this request tell of a rate that it counted for."""
    _noted(request).append(state)


def _noted(request: HttpRequest) -> list[RateLimitState]:
    found: list[RateLimitState] = request.__dict__.setdefault("_rate_limits", [])
    return found


class RateLimitHeadersMiddleware:
    """Writes the headers, and counts what the API's throttle has not: refused and lost requests.

    It stands outside of the session's middleware, so that its answers have the headers too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "RateLimit" in response.headers:  # of the one that was exceeded
            return response
        if not _noted(request) and request.path.startswith(_API):
            # Who is not let in gets as far as no throttle, and could ask forever.
            try:
                rate_limit_note(request, _hit(request))
            except DomainError as error:
                found = describe(error)
                assert found is not None
                return problem_response(*found)
        if states := _noted(request):
            response.headers["RateLimit-Policy"] = ", ".join(map(_policy, states))
            response.headers["RateLimit"] = ", ".join(map(_state, states))
        return response


def _hit(request: HttpRequest) -> RateLimitState:
    """The user if the request was found to be one's: nobody is looked up at its end.

    What others are refused has a counter of its own, so that it keeps nobody behind the same
    address from signing in.
    """
    user = getattr(request, "_cached_user", None)
    if user and user.is_authenticated:
        return rate_limit_hit(identity=str(user.pk), endpoint="default")
    return rate_limit_hit(identity=caller_identity(request), endpoint="refused")


def _policy(state: RateLimitState) -> str:
    return f'"{state.endpoint}";q={state.limit};w={limits.RATE_LIMIT_WINDOW}'


def _state(state: RateLimitState) -> str:
    return f'"{state.endpoint}";r={state.remaining};t={state.reset}'
