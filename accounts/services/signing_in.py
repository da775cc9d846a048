"""Signing in and out."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest

from accounts.activity import client_address
from accounts.models import User
from accounts.ratelimit import rate_limit_hit
from config.errors import NotAllowed


def session_start(*, request: HttpRequest, email: str, password: str) -> User:
    """Sign a person in; NotAllowed (code "wrong_credentials") says no more than it must."""
    login_attempt(request=request, email=email)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        raise NotAllowed("The email address or the password is wrong.", code="wrong_credentials")
    login(request, user)
    return user


def session_end(*, request: HttpRequest) -> None:
    """Sign the person out of this session."""
    logout(request)


def login_attempt(*, request: HttpRequest, email: str) -> None:
    """Count a try to sign in; RateLimitExceeded when there were too many.

    A class signs in at the same minute from one address, so the strict limit is for an
    account at an address, and a wider one for the address.
    """
    address = client_address(request) or "unknown"
    rate_limit_hit(identity=address, endpoint="login_address")
    rate_limit_hit(identity=f"{address}:{email.strip().lower()[:255]}", endpoint="login")
