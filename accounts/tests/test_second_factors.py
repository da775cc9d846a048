"""Authenticator apps and recovery codes, with real codes, by the API and the pages."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.test import override_settings

from accounts.auth import secrets
from accounts.models import User
from accounts.tests.clients import AUTH, browser_as, csrf, delivered, prove, sign_in, spa
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from config.errors import StoreUnavailable

pytestmark = pytest.mark.django_db

TOTP = f"{AUTH}/account/authenticators/totp"
CODES = f"{AUTH}/account/authenticators/recovery-codes"
AUTHENTICATE = f"{AUTH}/auth/2fa/authenticate"
ME = "/api/v1/me"


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_totp(user: User) -> tuple[Any, str]:
    """A signed-in client whose user has an authenticator app, and its secret."""
    client = spa()
    sign_in(client, user)
    prove(client)
    secret = client.get(TOTP).json()["meta"]["secret"]
    with delivered():
        made = client.post(TOTP, {"code": code_of(secret)}, **csrf(client))
    assert made.status_code == 200, made.json()
    return client, secret


def test_the_secret_is_encrypted_at_rest() -> None:
    user = UserFactory()
    _, secret = with_totp(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        stored = " ".join(row[0] for row in cursor.fetchall())
    assert secret not in stored
    assert Authenticator.objects.filter(user=user).count() == 2  # with recovery codes


def test_keys_of_before_still_decrypt() -> None:
    old = secrets.encrypt("text")
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["only-for-tests"]):
        assert secrets.decrypt(old) == "text"
    with override_settings(SECRET_KEY="new"), pytest.raises(StoreUnavailable):
        secrets.decrypt(old)


def test_signing_in_needs_the_code() -> None:
    user = UserFactory()
    _, secret = with_totp(user)
    client = spa()
    first = sign_in(client, user)
    assert (first.status_code, first.json()["code"]) == (401, "second_factor_required")
    pending = [flow for flow in first.json()["data"]["flows"] if flow.get("is_pending")]
    assert pending[0]["id"] == "mfa_authenticate"
    assert client.get(ME).status_code == 401
    for wrong in ("000000", "", "x" * 1000, "-1"):
        assert client.post(AUTHENTICATE, {"code": wrong}, **csrf(client)).status_code == 400
    code = code_of(secret)
    assert client.post(AUTHENTICATE, {"code": code}, **csrf(client)).status_code == 200
    assert client.get(ME).status_code == 200
    # A code that somebody looked at over a shoulder is worth nothing.
    other = spa()
    sign_in(other, user)
    assert other.post(AUTHENTICATE, {"code": code}, **csrf(other)).status_code == 400


def test_guessing_codes_is_limited() -> None:
    user = UserFactory()
    with_totp(user)
    client = spa()
    sign_in(client, user)
    found = {
        client.post(AUTHENTICATE, {"code": f"{n:06}"}, **csrf(client)).status_code
        for n in range(25)
    }
    assert found == {400, 429}


def test_recovery_codes_work_once() -> None:
    user = UserFactory()
    owner, _ = with_totp(user)
    code = owner.get(CODES).json()["data"]["unused_codes"][0]
    for status in (200, 400):
        client = spa()
        sign_in(client, user)
        assert client.post(AUTHENTICATE, {"code": code}, **csrf(client)).status_code == status


def test_it_can_be_taken_away_again() -> None:
    user = UserFactory()
    client, _ = with_totp(user)
    with delivered() as sent:
        assert client.delete(TOTP, **csrf(client)).status_code == 200
    assert sent[-1].to == [user.email]
    assert sign_in(spa(), user).status_code == 200


def test_the_pages_and_the_admins_door() -> None:
    admin = AdminFactory()
    _, secret = with_totp(admin)
    browser = browser_as()
    page = browser.get("/admin/accounts/user/", follow=True)
    login = {"login": admin.email, "password": PASSWORD, "next": "/admin/accounts/user/"}
    assert page.redirect_chain[-1][0].startswith("/accounts/login/")
    second = browser.post("/accounts/login/", login)
    assert second["Location"].startswith("/accounts/2fa/authenticate/")
    assert browser.get("/admin/accounts/user/").status_code == 302  # not in yet
    assert browser.get(second["Location"]).status_code == 200
    done = browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert done["Location"] == "/admin/accounts/user/"
    assert browser.get("/admin/accounts/user/").status_code == 200
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in ("", "recovery-codes/", "recovery-codes/generate/", "webauthn/", "webauthn/add/"):
        assert browser.get(f"/accounts/2fa/{path}").status_code == 200, path


def test_nobody_touches_the_factors_of_others() -> None:
    owner = UserFactory()
    with_totp(owner)
    key = Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}}
    )
    client = spa()
    sign_in(client, UserFactory())
    prove(client)
    path = f"{AUTH}/account/authenticators"
    assert client.get(path).json()["data"] == []
    webauthn = f"{path}/webauthn"
    for method, body in (
        ("delete", {"authenticators": [key.pk]}),
        ("put", {"id": key.pk, "name": "Mine"}),
    ):
        response = getattr(client, method)(webauthn, body, **csrf(client))
        assert response.status_code == 400
    for body in ({"authenticators": [10**30, None, "x"]}, {"authenticators": "x"}, {}):
        assert client.delete(webauthn, body, **csrf(client)).status_code == 400
    for body in ({"id": 10**30, "name": "x"}, {"id": [], "name": 5}):
        assert client.put(webauthn, body, **csrf(client)).status_code == 400
    client.delete(TOTP, **csrf(client))
    assert Authenticator.objects.filter(user=owner).count() == 3


@pytest.mark.parametrize("credential", [None, 5, "x", [], {}, {"id": {"a": [1]}}, {"rawId": "!"}])
@pytest.mark.parametrize("path", ["auth/webauthn/login", "account/authenticators/webauthn"])
def test_credentials_that_are_none(path: str, credential: Any) -> None:
    client = spa()
    if path.startswith("account"):
        sign_in(client, UserFactory())
        prove(client)
    client.get(f"{AUTH}/{path}")
    body = {"credential": credential, "name": "Key"}
    response = client.post(f"{AUTH}/{path}", body, **csrf(client))
    assert response.status_code == 400, response.content
    assert response.json()["code"] == "invalid"
