"""How often one may sign in, sign up and change an account through django-allauth.

Its views are not the API's, so no throttle counts them: this middleware does, by their names.
What the library counts itself goes by account (settings.ACCOUNT_RATE_LIMITS); this goes by
address, and by user for those who are signed in. A school has one address for all: so whatever
visitors do is counted widely by address, and strictly by the account, the key or the pending
sign-in that it is about.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from redis.exceptions import RedisError

from accounts.notices import problem_or_page
from accounts.ratelimit import caller_identity, rate_limit_hit
from accounts.ratelimit_middleware import rate_limit_note
from config.errors import DomainError
from config.problems import describe

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_HEADLESS = "headless"
_PAGES = ("account_", "mfa_")

# The last part of a view's name; the pages' begin with "account_" or "mfa_".
_LOGIN = {"login"}
_RATES = {
    "login_webauthn": "login_address",
    "signup": "signup",
    "signup_by_passkey": "signup",
}
_MAILS = {
    "request_password_reset",
    "resend_email_verification_code",
    "email_verification_sent",
}
# Of the library's API "reset_password" takes the key, and of its pages it sends the mail.
_MAILS_OF_THE_PAGES = {"reset_password"}
_PENDING_LOGIN = "account_login"  # of the session, as the library names it
_UNREADABLE = (MultiPartParserError, RequestDataTooBig, UnreadablePostError)
ACCOUNT_MAX = 255  # characters of an address that is counted


class RatesMiddleware:
    """Counts every unsafe request to django-allauth; too many are a 429."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method in _SAFE or not _is_the_librarys(request.resolver_match):
            return None
        try:
            for identity, endpoint in _rates(request):
                rate_limit_note(request, rate_limit_hit(identity=identity, endpoint=endpoint))
        except (DomainError, RedisError) as error:
            found = describe(error)
            assert found is not None
            return problem_or_page(request, *found)
        return None


def _is_the_librarys(match: ResolverMatch | None) -> bool:
    if match is None:
        return False
    return _HEADLESS in match.namespaces or (match.url_name or "").startswith(_PAGES)


def _rates(request: HttpRequest) -> list[tuple[str, str]]:
    """Whom to count to which rates: (identity, endpoint)."""
    match = request.resolver_match
    assert match is not None
    headless = _HEADLESS in match.namespaces
    name = match.url_name or ""
    if not headless:
        name = name.removeprefix("account_").removeprefix("mfa_")
    address = caller_identity(request)
    if name in _LOGIN:
        account = _account(request, headless)[:ACCOUNT_MAX]
        # A class signs in at the same minute from one address, so the strict limit is for an
        # account at an address, and a wider one for the address.
        return [(address, "login_address"), (f"{address}:{account}", "login")]
    if name in _RATES:
        return [(address, _RATES[name])]
    if name in _MAILS or (not headless and name in _MAILS_OF_THE_PAGES):
        account = _account(request, headless)[:ACCOUNT_MAX] or _pending(request)
        return _wide_and_strict(address, account, "mail")
    if request.user.is_authenticated:
        return [(str(request.user.pk), "account")]
    return _wide_and_strict(address, _key(request, headless) or _pending(request), "step")


def _wide_and_strict(address: str, subject: str, rate: str) -> list[tuple[str, str]]:
    wide = (address, f"{rate}_address")
    return [wide, (f"{address}:{subject}", rate)] if subject else [wide]


def _key(request: HttpRequest, headless: bool) -> str:
    """A digest of the key of a mail that the request brings; "" if it brings none."""
    match = request.resolver_match
    found: Any = match.kwargs.get("key", "") if match else ""
    if headless:
        body = _body(request)
        found = body.get("key") if isinstance(body, dict) else ""
    text = str(found or "")
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32] if text else ""


def _pending(request: HttpRequest) -> str:
    """The account that gave its password and owes another step; "" if there is none."""
    found = request.session.get(_PENDING_LOGIN)
    return str((found.get("user_pk") if isinstance(found, dict) else "") or "")


def _body(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError, *_UNREADABLE):
        return None


def _account(request: HttpRequest, headless: bool) -> str:
    """The address that somebody signs in with, as the JSON or the form has it; "" if none."""
    try:
        if headless:
            body = _body(request)
            found = (body.get("email") or body.get("username")) if isinstance(body, dict) else ""
        else:
            found = request.POST.get("login") or request.POST.get("email")
    except (ValueError, RecursionError, *_UNREADABLE):
        return ""
    # Half a surrogate pair is valid JSON, and nothing that can be sent.
    return str(found or "").strip().lower().encode(errors="replace").decode()
