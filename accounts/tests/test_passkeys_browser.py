"""The account pages in a real browser, with passkeys of Chromium's virtual authenticator."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User, UserPreferences
from accounts.tests.factories import PASSWORD, TeacherFactory, UserFactory
from tests.browser import open_browser, screenshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    # Playwright runs an event loop in this thread; the test talks to the database from it too.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with open_browser() as page:
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield page
        assert not broken


@pytest.fixture
def site(live_server: LiveServer, settings: Any) -> str:
    """Passkeys need a name, and take localhost over plain HTTP."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SECURE_SSL_REDIRECT = False
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    url: str = live_server.url.replace("127.0.0.1", "localhost")
    settings.PUBLIC_URL = url
    return url


def sign_in(page: Page, site: str, user: User, path: str = "/accounts/login/") -> None:
    page.goto(f"{site}{path}")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()


def prove(page: Page) -> None:
    """Say the password again, where the sign-in is too long ago to count."""
    if "reauthenticate" not in page.url:
        return
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def virtual_key(page: Page, *, resident: bool = True) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": resident,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_added_signs_in_and_is_removed(page: Page, site: str) -> None:
    user = UserFactory()
    virtual_key(page)
    sign_in(page, site, user)
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("My laptop")
    page.get_by_label("Passwordless").check()
    screenshot(page, "passkey-add")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    screenshot(page, "recovery-codes")
    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.get_by_text("My laptop")).to_be_visible()
    screenshot(page, "passkeys")
    page.get_by_role("button", name="Sign Out").click()
    page.wait_for_url("**/accounts/login/")

    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site}/")
    expect(page.get_by_role("heading", name=user.name)).to_be_visible()
    screenshot(page, "home-of-a-student")

    page.goto(f"{site}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    prove(page)
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/2fa/webauthn/")
    assert not Authenticator.objects.filter(user=user, type="webauthn").exists()


def test_a_key_is_the_second_factor(page: Page, site: str) -> None:
    teacher = TeacherFactory()
    virtual_key(page, resident=False)
    sign_in(page, site, teacher)
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Key on my ring")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    page.get_by_role("button", name="Sign Out").click()
    page.wait_for_url("**/accounts/login/")
    sign_in(page, site, teacher, "/admin/")
    page.wait_for_url("**/2fa/authenticate/**")
    screenshot(page, "second-factor")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(f"{site}/admin/")
    screenshot(page, "admin")


def test_an_authenticator_app(page: Page, site: str) -> None:
    user = UserFactory()
    sign_in(page, site, user)
    page.goto(f"{site}/accounts/2fa/")
    screenshot(page, "two-factor")
    page.get_by_role("link", name="Activate").click()
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    screenshot(page, "totp-mistake")
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    page.get_by_label("Authenticator code").fill(code)
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/recovery-codes/**")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_how_the_pages_look(page: Page, site: str) -> None:
    teacher = TeacherFactory()
    for name, path in (("login", "login/"), ("sign-up", "signup/"), ("reset", "password/reset/")):
        page.goto(f"{site}/accounts/{path}")
        screenshot(page, name)
    sign_in(page, site, UserFactory.build())
    expect(page.get_by_text("are not correct")).to_be_visible()
    screenshot(page, "login-mistake")
    page.goto(f"{site}/accounts/signup/")
    page.get_by_label("Email").fill("ada@school.test")
    page.get_by_label("Password", exact=True).fill("123")
    page.get_by_role("button", name="Sign Up").click()
    screenshot(page, "sign-up-mistake")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign Up").click()
    page.wait_for_url("**/confirm-email/")
    screenshot(page, "sign-up-done")

    sign_in(page, site, teacher)
    page.wait_for_url("**/admin/")
    page.goto(f"{site}/accounts/email/")
    screenshot(page, "email")
    page.goto(f"{site}/accounts/password/change/")
    screenshot(page, "password")
    page.goto(f"{site}/accounts/preferences/")
    screenshot(page, "preferences")
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html.dark")).to_be_attached()
    screenshot(page, "preferences-dark")
    page.goto(f"{site}/admin/")
    expect(page.locator("html.dark")).to_be_attached()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/accounts/preferences/")
    screenshot(page, "preferences-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    UserPreferences.objects.update(theme="auto", language="de")
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/accounts/2fa/")
    expect(page.locator("html.dark")).to_be_attached()
    screenshot(page, "two-factor-german-dark-phone")
