"""The activity log is told of what was committed, and of nothing else."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.activity import Activity, activity_record, activity_recorded, client_address
from accounts.models import User
from accounts.services import user_create
from accounts.tests.clients import SESSION_URL, api_as, browser_as, csrf, sign_in, spa
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[Activity]]:
    """What a keeper of the log hears."""
    found: list[Activity] = []

    def hear(sender: object, activities: list[Activity], **kwargs: object) -> None:
        found.extend(activities)

    activity_recorded.connect(hear)
    yield found
    activity_recorded.disconnect(hear)


@pytest.mark.django_db(transaction=True)
def test_only_what_is_committed(heard: list[Activity]) -> None:
    user = UserFactory()

    def record() -> None:
        activity_record(actor=user, action="tested", resource_type="user", resource_id=user.pk)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record()
        raise ZeroDivisionError
    assert heard == []
    with transaction.atomic():
        record()
        assert heard == []
    assert [activity.action for activity in heard] == ["tested"]


@pytest.mark.django_db(transaction=True)
def test_a_log_that_fails_does_not_fail_the_action() -> None:
    def fail(sender: object, **kwargs: object) -> None:
        raise ConnectionError("the log is down")

    activity_recorded.connect(fail)
    try:
        user_create(actor=None, email="new@school.test", password=PASSWORD)
    finally:
        activity_recorded.disconnect(fail)
    assert User.objects.filter(email="new@school.test").exists()


def test_what_an_entry_holds(
    heard: list[Activity], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    user = UserFactory()
    client = api_as(user)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.patch("/api/v1/me", {"name": "Ada"}, headers={"User-Agent": "A browser"})
    assert response.status_code == 200
    [entry] = heard
    assert (entry.user_id, entry.action) == (str(user.pk), "user_update")
    assert (entry.resource_type, entry.resource_id) == ("user", str(user.pk))
    assert (entry.ip_address, entry.user_agent) == ("127.0.0.1", "A browser")
    assert entry.timestamp.utcoffset() is not None


def test_the_password_is_in_no_entry(
    heard: list[Activity], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        user_create(actor=AdminFactory(), email="new@school.test", password=PASSWORD)
    assert [entry.action for entry in heard] == ["user_create"]
    assert PASSWORD not in repr(heard)


def test_signing_in_and_out_by_the_api_and_by_the_admin(
    heard: list[Activity], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    admin, client = AdminFactory(), spa()
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(client, admin, "wrong")
        sign_in(client, admin)
        client.delete(SESSION_URL, **csrf(client))
        login = {"login": admin.email, "password": PASSWORD}
        browser = browser_as()
        assert browser.post("/accounts/login/", login).status_code == 302
        assert browser.post("/admin/logout/").status_code in (200, 302)
    assert [entry.action for entry in heard] == ["login", "logout", "login", "logout"]
    assert {entry.user_id for entry in heard} == {str(admin.pk)}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "127.0.0.1"),
        (0, "9.9.9.9", "127.0.0.1"),  # nobody may name their own address
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 10.0.0.1", "9.9.9.9"),
        (2, "9.9.9.9", "127.0.0.1"),  # around a proxy: nobody has checked what it says
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "::ffff:a01:203", "10.1.2.3"),  # IPv4, by a socket of IPv6
        (1, "rubbish", None),
        (1, "9.9.9.9 , ", "9.9.9.9"),
    ],
)
def test_the_client_behind_trusted_proxies(
    settings, proxies: int, forwarded: str, address: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address
