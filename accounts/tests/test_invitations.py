"""Invitations: how teachers come to the school, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts import services
from accounts.models import Invitation, User
from accounts.tests.clients import (
    SIGN_UP_URL,
    api_as,
    browser_as,
    csrf,
    delivered,
    link_in,
    sign_in,
    spa,
)
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from config.errors import InvalidInput

pytestmark = pytest.mark.django_db

URL = "/api/v1/invitations"
EMAIL = "new.teacher@school.test"


def invite(email: str = EMAIL, **values: Any) -> tuple[Invitation, str]:
    """An invitation and its token, which only its mail has."""
    with delivered() as sent:
        made = services.invitation_create(actor=AdminFactory(), email=email, **values)
    return made, token_in(sent[-1])


def token_in(message: Any) -> str:
    return link_in(message, "invitation").rstrip("/").rpartition("/")[2]


def sign_up(token: str, email: str = EMAIL, **more: Any) -> Any:
    client = spa()
    values = {"email": email, "password": PASSWORD, "invitation": token, **more}
    with delivered():
        return client.post(SIGN_UP_URL, values, **csrf(client))


def test_the_mail_has_the_token_and_the_table_only_its_hash() -> None:
    made, token = invite(" New.Teacher@School.TEST ", name="Grace")
    assert mail.outbox[0].to == [EMAIL]
    assert "Grace" in mail.outbox[0].body
    assert len(token) >= 43
    assert token not in repr(Invitation.objects.values().get())
    assert made.expires_at > timezone.now() + timedelta(days=6)


@pytest.mark.parametrize("is_open", [True, False])
def test_signing_up_with_it_makes_a_teacher_without_a_second_mail(
    settings: Any, is_open: bool
) -> None:
    settings.SIGN_UP_OPEN = is_open
    made, token = invite(name="Grace")
    mail.outbox.clear()
    response = sign_up(token)
    assert response.status_code == 200, response.json()
    user = User.objects.get(email=EMAIL)
    assert (user.role, user.name) == ("teacher", "Grace")
    assert EmailAddress.objects.get(user=user).verified
    assert not mail.outbox
    made.refresh_from_db()
    assert (made.accepted_by, made.accepted_at is not None) == (user, True)
    assert sign_in(spa(), user).status_code == 200


def test_a_token_makes_one_teacher() -> None:
    _, token = invite()
    assert sign_up(token).status_code == 200
    again = sign_up(token, email="another@school.test")
    assert [error["field"] for error in again.json()["errors"]] == ["invitation"]
    assert User.objects.filter(role="teacher").count() == 1


@pytest.mark.parametrize("kind", ["wrong", "expired", "revoked", "foreign", "replaced"])
def test_a_token_that_is_not_valid_makes_nobody(kind: str) -> None:
    made, token = invite()
    email = EMAIL
    if kind == "wrong":
        token += "x"
    elif kind == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif kind == "revoked":
        services.invitation_revoke(actor=AdminFactory(), invitation=made)
    elif kind == "foreign":
        email = "somebody.else@school.test"
    else:
        invite()
    response = sign_up(token, email=email, role="teacher")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["invitation"]
    assert not User.objects.filter(email=email).exists()


@pytest.mark.django_db(transaction=True)
def test_the_link_takes_the_token_out_of_the_address(settings: Any) -> None:
    settings.SIGN_UP_OPEN = False
    _, token = invite(name="Grace")
    browser = browser_as()
    first = browser.get(link_in(mail.outbox[0], "invitation"))
    assert first["Location"] == "/accounts/invitation/"
    assert first["Referrer-Policy"] == "same-origin"
    page = browser.get("/accounts/invitation/", follow=True)
    assert page.redirect_chain == [("/accounts/signup/", 302)]
    text = page.content.decode()
    assert EMAIL in text and "Grace" in text
    form = {"email": EMAIL, "password1": PASSWORD, "name": "Grace", "invitation": token}
    assert browser.post("/accounts/signup/", form)["Location"] == "/"
    assert User.objects.get(email=EMAIL).role == "teacher"
    assert browser.get("/")["Location"] == "/admin/"


def test_a_link_that_is_not_valid_says_so() -> None:
    page = browser_as().get("/accounts/invitation/guessed/", follow=True)
    assert "not valid" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_who_has_an_account_accepts_with_it() -> None:
    student = UserFactory(email=EMAIL)
    _, token = invite()
    client, elsewhere = spa(), spa()
    sign_in(client, student)
    sign_in(elsewhere, student)
    response = client.post(f"{URL}/accept", {"token": token}, **csrf(client))
    assert (response.status_code, response.json()["role"]) == (200, "teacher")
    assert client.get("/api/v1/me").json()["role"] == "teacher"
    assert elsewhere.get("/api/v1/me").status_code == 401
    again = client.post(f"{URL}/accept", {"token": token}, **csrf(client))
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "token")


@pytest.mark.django_db(transaction=True)
def test_the_page_for_who_has_an_account() -> None:
    student = UserFactory(email=EMAIL)
    invite()
    browser = browser_as()
    link = link_in(mail.outbox[0], "invitation")
    page = browser.get(link, follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/?next=/accounts/invitation/"
    login = {"login": EMAIL, "password": PASSWORD, "next": "/accounts/invitation/"}
    assert browser.post("/accounts/login/", login)["Location"] == "/accounts/invitation/"
    assert "Accept" in browser.get("/accounts/invitation/").content.decode()
    student.refresh_from_db()
    assert student.role == "student"
    assert browser.post("/accounts/invitation/")["Location"] == "/"
    student.refresh_from_db()
    assert student.role == "teacher"
    assert browser.get("/")["Location"] == "/admin/"


def test_somebody_elses_token_is_refused() -> None:
    _, token = invite()
    student = UserFactory()
    response = api_as(student).post(f"{URL}/accept", {"token": token})
    assert response.status_code == 400
    student.refresh_from_db()
    assert student.role == "student"


def test_nobody_is_made_less() -> None:
    admin = AdminFactory(email=EMAIL)
    with pytest.raises(InvalidInput):
        services.invitation_create(actor=AdminFactory(), email=EMAIL, role="teacher")
    User.objects.filter(pk=admin.pk).update(role="student")
    _, token = invite()
    User.objects.filter(pk=admin.pk).update(role="admin")
    services.invitation_accept(user=User.objects.get(pk=admin.pk), token=token)
    admin.refresh_from_db()
    assert admin.role == "admin"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_teacher() -> None:
    student = UserFactory(email=EMAIL)
    admin = AdminFactory()
    services.invitation_create(actor=admin, email=EMAIL)
    token = token_in(mail.outbox[-1])

    def accept(_: int) -> str:
        try:
            services.invitation_accept(user=User.objects.get(pk=student.pk), token=token)
        except InvalidInput:
            return "refused"
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(accept, range(4)))
    assert found == ["accepted", "refused", "refused", "refused"]


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_up_at_once_make_one_account() -> None:
    services.invitation_create(actor=AdminFactory(), email=EMAIL)
    token = token_in(mail.outbox[-1])

    def run(_: int) -> int:
        client = spa()
        values = {"email": EMAIL, "password": PASSWORD, "invitation": token}
        try:
            return client.post(SIGN_UP_URL, values, **csrf(client)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, range(4)))
    assert found.count(200) == 1
    assert set(found) <= {200, 400, 401, 409}
    assert User.objects.filter(email=EMAIL).count() == 1
