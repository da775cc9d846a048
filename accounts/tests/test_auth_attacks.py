"""What somebody with bad intent, or one pupil among many, may not do to others by signing in."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.core import mail
from django.db import connection
from django.test import Client
from django_redis import get_redis_connection

from accounts import services
from accounts.auth import lockout
from accounts.models import User
from accounts.tests.clients import (
    AUTH,
    CSRF_URL,
    LOGIN_URL,
    SIGN_UP_URL,
    api_as,
    browser_as,
    csrf,
    delivered,
    link_in,
    prove,
    sign_in,
    spa,
)
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from config import limits
from config.errors import Conflict

pytestmark = pytest.mark.django_db

NEW = "another-Long-password-8"
VICTIM = "victim@school.test"
AWAY = {"REMOTE_ADDR": "203.0.113.9"}  # another address than that of the guesses


def post(client: Any, path: str, body: dict[str, Any]) -> Any:
    with delivered():
        return client.post(path, body, **csrf(client))


def forget_rates() -> None:
    """As if a minute had passed."""
    redis = get_redis_connection("default")
    for name in redis.scan_iter("ratelimit:*"):
        redis.delete(name)


def guess(email: str, times: int) -> Any:
    for number in range(times):
        forget_rates()
        client = spa()
        body = {"email": email, "password": f"guess-{number}"}
        response = client.post(LOGIN_URL, body, **csrf(client))
    return response


def key_of_mail() -> str:
    return link_in(mail.outbox[-1], "/key/").rstrip("/").rpartition("/")[2]


def sign_up(email: str, **more: Any) -> Any:
    return post(spa(), SIGN_UP_URL, {"email": email, "password": PASSWORD, **more})


def claim(email: str) -> User:
    """Somebody who wants to change to an address that is not theirs."""
    thief: User = UserFactory()
    client = spa()
    sign_in(client, thief)
    prove(client)
    assert post(client, f"{AUTH}/account/email", {"email": email}).status_code == 200
    assert EmailAddress.objects.filter(user=thief, email=email, verified=False).exists()
    return thief


def test_one_address_locks_nobody_out_elsewhere() -> None:
    user = UserFactory()
    assert guess(user.email, 3 * 20).json()["code"] == "account_locked"
    client = Client(**AWAY)
    body = {"email": user.email, "password": PASSWORD}
    response = client.post(LOGIN_URL, body, content_type="application/json")
    assert response.status_code == 200, response.json()


def test_an_admin_lifts_what_all_addresses_together_have_locked(monkeypatch: Any) -> None:
    user = UserFactory()
    guess(user.email, limits.LOGIN_FAILURES)
    narrow = {"password_failed": f"{limits.LOGIN_FAILURES}/15m/key"}
    monkeypatch.setitem(lockout._COUNTER, "config", narrow)
    forget_rates()
    guess(user.email, 1)
    # fills the narrow counter from elsewhere, so that the account is locked everywhere
    for _ in range(limits.LOGIN_FAILURES):
        forget_rates()
        Client(**AWAY).post(
            LOGIN_URL, {"email": user.email, "password": "x"}, content_type="application/json"
        )
    right = {"email": user.email, "password": PASSWORD}
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert elsewhere.post(LOGIN_URL, right, content_type="application/json").status_code == 429
    browser = browser_as(AdminFactory())
    for attempt in AccessAttempt.objects.all():
        path = f"/admin/axes/accessattempt/{attempt.pk}/delete/"
        assert browser.post(path, {"post": "yes"}).status_code == 302
    assert elsewhere.post(LOGIN_URL, right, content_type="application/json").status_code == 200


def test_an_address_that_somebody_only_typed_is_not_theirs() -> None:
    thief = claim(VICTIM)
    # It signs nobody in, and resets nobody's password.
    client = spa()
    assert post(client, LOGIN_URL, {"email": VICTIM, "password": PASSWORD}).status_code == 400
    mail.outbox.clear()
    assert post(spa(), f"{AUTH}/auth/password/request", {"email": VICTIM}).status_code == 200
    assert mail.outbox == []
    # Its owner signs up as if nothing were, and the claim is gone.
    assert sign_up(VICTIM).status_code == 401
    assert User.objects.filter(email=VICTIM).exists()
    assert "already" not in mail.outbox[-1].body
    assert not EmailAddress.objects.filter(user=thief, email=VICTIM).exists()


def test_an_invitation_ends_the_claims_of_others() -> None:
    thief = claim(VICTIM)
    with delivered() as sent:
        services.invitation_create(actor=AdminFactory(), email=VICTIM)
    token = link_in(sent[-1], "invitation").rstrip("/").rpartition("/")[2]
    assert not EmailAddress.objects.filter(user=thief, email=VICTIM).exists()
    assert sign_up(VICTIM, invitation=token).status_code == 200
    assert User.objects.get(email=VICTIM).role == "teacher"


def test_a_reset_goes_to_the_account_and_never_to_who_claims_its_address() -> None:
    owner = UserFactory(email=VICTIM)
    EmailAddress.objects.filter(user=owner).update(verified=False)
    thief = claim(VICTIM)
    mail.outbox.clear()
    post(spa(), f"{AUTH}/auth/password/request", {"email": VICTIM.upper()})
    [_] = mail.outbox
    body = {"key": key_of_mail(), "password": NEW}
    post(spa(), f"{AUTH}/auth/password/reset", body)
    assert User.objects.get(pk=thief.pk).check_password(PASSWORD)
    assert User.objects.get(pk=owner.pk).check_password(NEW)
    # The link was in the address's mail: it is confirmed, and others claim it no more.
    assert sign_in(spa(), owner, NEW).status_code == 200
    assert not EmailAddress.objects.filter(user=thief, email=VICTIM).exists()


def test_an_invitation_takes_over_an_account_that_nobody_confirmed() -> None:
    assert sign_up(VICTIM, password="of-a-Stranger-99").status_code == 401
    before = User.objects.get(email=VICTIM)
    with delivered() as sent:
        services.invitation_create(actor=AdminFactory(), email=VICTIM, name="Grace")
    token = link_in(sent[-1], "invitation").rstrip("/").rpartition("/")[2]
    browser = browser_as()
    browser.get(f"/accounts/invitation/{token}/")
    assert browser.get("/accounts/invitation/")["Location"] == "/accounts/signup/"
    assert sign_up(VICTIM, invitation=token).status_code == 200
    user = User.objects.get(email=VICTIM)
    assert (user.pk, user.role) == (before.pk, "teacher")
    assert sign_in(spa(), user, "of-a-Stranger-99").status_code == 400
    assert sign_in(spa(), user).status_code == 200


def test_an_account_that_is_confirmed_is_not_taken_over() -> None:
    user = UserFactory(email=VICTIM)
    with delivered() as sent:
        services.invitation_create(actor=AdminFactory(), email=VICTIM)
    token = link_in(sent[-1], "invitation").rstrip("/").rpartition("/")[2]
    assert sign_up(VICTIM, invitation=token, password=NEW).status_code == 401
    assert sign_in(spa(), user).status_code == 200


def test_a_closed_account_is_not_invited() -> None:
    user = UserFactory(is_active=False)
    with pytest.raises(Conflict, match="closed"):
        services.invitation_create(actor=AdminFactory(), email=user.email)


@pytest.mark.parametrize("page", [True, False])
def test_a_stolen_session_does_not_guess_the_password(page: bool) -> None:
    user = UserFactory()
    client = browser_as(user) if page else api_as(user)
    path = "/accounts/password/change/" if page else f"{AUTH}/account/password/change"

    def change(current: str) -> Any:
        forget_rates()
        form = {"oldpassword": current, "password1": NEW, "password2": NEW}
        body = form if page else {"current_password": current, "new_password": NEW}
        return client.post(path, body)

    for _ in range(limits.LOGIN_FAILURES):
        response = change("wrong")
    assert change(PASSWORD).status_code == 429
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert response.status_code in (200, 400, 429)


def test_refused_calls_keep_nobody_from_signing_in() -> None:
    stranger = api_as()
    for _ in range(limits.RATE_LIMITS["refused"] + 1):
        response = stranger.get("/api/v1/me")
    assert response.status_code == 429
    assert api_as().get(CSRF_URL).status_code == 200
    assert sign_in(spa(), UserFactory()).status_code == 200


def test_a_class_of_forty_behind_one_address() -> None:
    """All ask for a reset, use it, sign up, confirm and sign in within the same minute."""
    for pupil in UserFactory.create_batch(40):
        mail.outbox.clear()
        assert (
            post(spa(), f"{AUTH}/auth/password/request", {"email": pupil.email}).status_code == 200
        )
        body = {"key": key_of_mail(), "password": NEW}
        assert post(spa(), f"{AUTH}/auth/password/reset", body).status_code == 401
    for number in range(40):
        email = f"pupil{number}@school.test"
        assert sign_up(email).status_code == 401
        key = link_in(mail.outbox[-1], "confirm-email").rstrip("/").rpartition("/")[2]
        assert post(spa(), f"{AUTH}/auth/email/verify", {"key": key}).status_code == 401
        body = {"email": email, "password": PASSWORD}
        assert post(spa(), LOGIN_URL, body).status_code == 200


def test_a_school_invites_its_colleagues_at_once() -> None:
    client = api_as(AdminFactory())
    for number in range(40):
        made = client.post("/api/v1/invitations", {"email": f"colleague{number}@school.test"})
        assert made.status_code == 201
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM invitations")
        assert cursor.fetchone() == (40,)
