"""Who invites: the API and the admin's pages of invitations."""

import pytest

from accounts import services
from accounts.models import Invitation
from accounts.tests.clients import api_as, browser_as, delivered, filled_in
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from accounts.tests.test_invitations import EMAIL, URL, invite, sign_up, token_in
from config.errors import Conflict, NotAllowed

pytestmark = pytest.mark.django_db

CONFIRMED = {"_form_submitted": "True"}  # what a dialog sends


@pytest.mark.parametrize("factory", [UserFactory, TeacherFactory])
def test_only_admins_invite(factory: type[UserFactory]) -> None:
    actor = factory()
    made, _ = invite()
    for call in (
        lambda: services.invitation_create(actor=actor, email="x@school.test"),
        lambda: services.invitation_resend(actor=actor, invitation=made),
        lambda: services.invitation_revoke(actor=actor, invitation=made),
    ):
        with pytest.raises(NotAllowed):
            call()
    client = api_as(actor)
    assert client.post(URL, {"email": "x@school.test"}).status_code == 403
    assert client.get(URL).json()["results"] == []
    for method, path in (("get", ""), ("delete", ""), ("post", "/resend")):
        assert getattr(client, method)(f"{URL}/{made.pk}{path}").status_code == 404
    assert browser_as(actor).get("/admin/accounts/invitation/").status_code in (302, 403)


def test_the_api() -> None:
    client = api_as(AdminFactory())
    with delivered() as sent:
        response = client.post(URL, {"email": EMAIL, "name": "Grace", "role": "teacher"})
    assert response.status_code == 201
    body = response.json()
    assert "token" not in str(body)
    first = token_in(sent[-1])
    assert client.get(URL, {"email": EMAIL}).json()["results"] == [body]
    assert client.get(f"{URL}/{body['id']}").json() == body
    with delivered():
        assert client.post(f"{URL}/{body['id']}/resend").status_code == 200
    assert token_in(sent[-1]) != first
    assert not services.invitation_is_open(token=first)
    assert client.delete(f"{URL}/{body['id']}").status_code == 204
    assert client.get(URL).json()["results"] == []
    for wrong in ({}, {"email": "nonsense"}, {"email": EMAIL, "role": "king"}, {"token": "x"}):
        assert client.post(URL, wrong).status_code == 400


def test_what_was_accepted_stays() -> None:
    made, token = invite()
    sign_up(token)
    admin = AdminFactory()
    for call in (services.invitation_resend, services.invitation_revoke):
        with pytest.raises(Conflict):
            call(actor=admin, invitation=made)
    assert api_as(admin).delete(f"{URL}/{made.pk}").status_code == 409


def test_the_admin_pages() -> None:
    browser = browser_as(AdminFactory())
    add = browser.get("/admin/accounts/invitation/add/")
    with delivered() as sent:
        response = browser.post("/admin/accounts/invitation/add/", filled_in(add, email=EMAIL))
    assert response.status_code == 302
    made = Invitation.objects.get()
    assert made.email == EMAIL
    assert browser.get("/admin/accounts/invitation/").status_code == 200
    page = f"/admin/accounts/invitation/{made.pk}"
    text = browser.get(f"{page}/change/").content.decode()
    assert EMAIL in text and made.token_sha256 not in text
    with delivered():
        sent_again = browser.post(f"{page}/resend/", CONFIRMED)
    assert "HX-Redirect" in sent_again
    assert len(sent) == 2
    assert browser.post(f"{page}/delete/", {"post": "yes"}).status_code == 302
    assert not Invitation.objects.exists()
