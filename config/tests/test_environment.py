"""Values of the environment that are wrong end every command with one line that names them."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.tests.test_commands import manage, the_one_line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGN_UP_OPEN", "maybe"),
        ("HTTPS", "2"),
        ("DEBUG", "tru"),
        ("PUBLIC_URL", "school.test"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://user:pw@school.test:99999"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "one"),
        ("EMAIL_URL", "school.test"),
        ("EMAIL_URL", "http://school.test"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc/passwd"),
        ("LOG_LEVEL", "LOUD"),
        ("SECURE_HSTS_SECONDS", "long"),
    ],
)
def test_a_wrong_value_is_one_line(name: str, value: str) -> None:
    assert f"{name} is wrong" in the_one_line(manage("check", **{name: value}), 2)


def test_the_password_of_the_mail_server_is_not_repeated() -> None:
    line = the_one_line(manage("check", EMAIL_URL="imap://me:s3cret@host"), 2)
    assert "s3cret" not in line


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1", True), ("YES", True), (" on ", True), ("false", False), ("0", False),
     ("no", False), ("Off", False), ("", None)],
)  # fmt: skip
def test_flags(monkeypatch: pytest.MonkeyPatch, text: str, value: Any) -> None:
    monkeypatch.setenv("A_FLAG", text)
    for default in (True, False):
        assert environment.flag("A_FLAG", default=default) is (default if value is None else value)


def test_what_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "https://school.test:8443/lectern")
    assert environment.web_address("X") == "https://school.test:8443/lectern"
    monkeypatch.setenv("X", "http://[::1]:8000")
    assert environment.web_address("X") == "http://[::1]:8000"
    monkeypatch.setenv("X", "3")
    assert environment.number("X", default=0) == 3
    monkeypatch.setenv("X", "smtp+tls://me:pw@mail.test:587")
    assert environment.mail_server("X")["EMAIL_HOST"] == "mail.test"
    monkeypatch.setenv("X", "debug")
    assert environment.log_level("X", default="INFO") == "DEBUG"
    monkeypatch.setenv("X", "smtp://")
    with pytest.raises(ImproperlyConfigured):
        environment.mail_server("X")


def test_hsts_binds_only_this_host_unless_it_is_asked_for(settings: Any) -> None:
    assert (settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD) == (False, False)
    code = "from django.conf import settings; print(settings.SECURE_HSTS_PRELOAD)"
    assert manage("shell", "-v0", "-c", code, SECURE_HSTS_PRELOAD="1").stdout == "True\n"


@pytest.mark.django_db
def test_an_admin_by_command_has_a_password_that_obeys_the_rules() -> None:
    line = the_one_line(
        manage(
            "createsuperuser", "--noinput", "--email", "a@school.test",
            DJANGO_SUPERUSER_PASSWORD="short",
        ),
        2,
    )  # fmt: skip
    assert "DJANGO_SUPERUSER_PASSWORD" in line
