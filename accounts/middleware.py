"""What a person prefers, applied to the pages they see."""

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from redis.exceptions import RedisError

from accounts.models import User

_PAGES = ("/admin/", "/accounts/")
_KNOWN = frozenset(code for code, _ in settings.LANGUAGES)


class LanguageMiddleware:
    """Pages are in the person's language; before they sign in, in one that their browser asks for.

    The API has one language and is left alone: it would pay for looking the person up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/" and not request.path_info.startswith(_PAGES):
            return self.get_response(request)
        with translation.override(_language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
            return response


def _language_of(request: HttpRequest) -> str:
    user: object = None
    with suppress(RedisError, DatabaseError):  # the view will say it, in the browser's language
        user = request.user if request.user.is_authenticated else None
    if isinstance(user, User):  # with the preferences: accounts/backends.py
        preferences = getattr(user, "preferences", None)
        language = preferences.language if preferences is not None else None
        return language if language in _KNOWN else settings.LANGUAGE_CODE
    return translation.get_language_from_request(request)
