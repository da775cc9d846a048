"""What an admin's session alone does not do in the admin, and what the school never loses."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.clients import browser_as, delivered, filled_in, sign_in, spa
from accounts.tests.factories import PASSWORD, AdminFactory, TeacherFactory, UserFactory
from config import limits
from config.errors import Conflict, DomainError, InvalidInput, NotFound

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"
NEW = "another-Long-password-8"
STALE = limits.ADMIN_REAUTHENTICATION_TTL + 1


def page_of(user: User, page: str = "change") -> str:
    return f"{LIST}{user.pk}/{page}/"


def change(browser: Client, user: User, **changes: Any) -> Any:
    path = page_of(user)
    data = filled_in(browser.get(path), **changes)
    with delivered():
        return browser.post(path, {name: value for name, value in data.items() if value != ""})


def factor(user: User) -> Authenticator:
    return Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})


def test_ones_own_address_and_password_are_changed_on_the_account_pages() -> None:
    admin = AdminFactory()
    browser = browser_as(admin)
    assert browser.get(page_of(admin, "password"))["Location"] == "/accounts/password/change/"
    form = {"password1": NEW, "password2": NEW}
    assert browser.post(page_of(admin, "password"), form).status_code == 302
    page = browser.get(page_of(admin))
    assert "/accounts/email/" in page.content.decode()
    change(browser, admin, email="else@school.test", name="Ada")
    admin.refresh_from_db()
    assert admin.name == "Ada"
    assert admin.email != "else@school.test"
    assert admin.check_password(PASSWORD)


@pytest.mark.parametrize(
    "changes", [{"email": "x@school.test"}, {"role": "teacher"}, {"is_active": ""}]
)
def test_who_signs_in_to_an_account_changes_by_a_recent_proof_only(changes: Any) -> None:
    user = UserFactory()
    response = change(browser_as(AdminFactory(), proved=STALE), user, **changes)
    assert response["Location"].startswith("/accounts/reauthenticate/?next=%2Fadmin%2F")
    before = User.objects.get(pk=user.pk)
    assert (before.email, before.role, before.is_active) == (user.email, "student", True)
    response = change(browser_as(AdminFactory()), user, **changes)
    assert response["Location"] == LIST
    after = User.objects.get(pk=user.pk)
    assert (after.email, after.role, after.is_active) != (user.email, "student", True)


def test_a_name_changes_without() -> None:
    user = UserFactory()
    change(browser_as(AdminFactory(), proved=STALE), user, name="Other")
    assert User.objects.get(pk=user.pk).name == "Other"


def test_a_new_admin_is_not_made_without() -> None:
    form = {"email": "n@school.test", "name": "N", "role": "admin", "password": PASSWORD}
    browser_as(AdminFactory(), proved=STALE).post(f"{LIST}add/", form)
    assert not User.objects.filter(email="n@school.test").exists()
    browser_as(AdminFactory()).post(f"{LIST}add/", form)
    assert User.objects.filter(email="n@school.test").exists()


def test_somebodys_password_is_set_by_a_recent_proof_only_and_they_are_told() -> None:
    user = UserFactory()
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    stale = browser_as(AdminFactory(), proved=STALE)
    for response in (stale.get(page_of(user, "password")), stale.post(page_of(user, "password"))):
        assert response["Location"].startswith("/accounts/reauthenticate/")
    with delivered():
        browser_as(AdminFactory()).post(page_of(user, "password"), form)
    assert User.objects.get(pk=user.pk).check_password(NEW)
    [message] = mail.outbox
    assert (message.to, message.subject) == ([user.email], "Your password was set")


def test_the_old_address_is_told() -> None:
    user = UserFactory(email="old@school.test")
    change(browser_as(AdminFactory()), user, email="new@school.test")
    [message] = mail.outbox
    assert message.to == ["old@school.test"]
    assert "new@school.test" in message.body


@pytest.mark.parametrize("changes", [{"role": "student"}, {"is_active": ""}])
def test_the_last_admin_stays_one(changes: Any) -> None:
    admin = AdminFactory()
    AdminFactory(is_active=False)
    browser = browser_as(admin)
    change(browser, admin, **changes)
    assert "last active administrator" in browser.get(LIST).content.decode()
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("admin", True)
    AdminFactory()
    change(browser_as(admin), admin, **changes)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) != ("admin", True)


@pytest.mark.parametrize("in_bulk", [True, False])
def test_the_last_admin_is_not_deleted(in_bulk: bool) -> None:
    admin = AdminFactory()
    browser = browser_as(admin)
    if in_bulk:
        form = {"action": "delete_selected", "_selected_action": str(admin.pk), "post": "yes"}
        browser.post(LIST, form)
    else:
        browser.post(page_of(admin, "delete"), {"post": "yes"})
    assert User.objects.filter(pk=admin.pk).exists()


def run(*arguments: str) -> str:
    out = StringIO()
    with delivered():
        call_command(*arguments, stdout=out)
    return out.getvalue()


def test_an_operator_gives_a_role() -> None:
    user = UserFactory(email="ada@school.test")
    assert run("set_role", "ADA@school.test", "admin") == "ada@school.test is admin now.\n"
    user.refresh_from_db()
    assert user.role == "admin"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("nobody@school.test", "admin"), NotFound),
        (("ada@school.test", "king"), InvalidInput),
        (("ada@school.test", "student"), Conflict),
    ],
)
def test_what_an_operator_can_not(arguments: tuple[str, str], error: type[DomainError]) -> None:
    AdminFactory(email="ada@school.test")
    with pytest.raises(error):
        run("set_role", *arguments)


def test_an_operator_removes_second_factors() -> None:
    user = UserFactory()
    with pytest.raises(Conflict):
        run("remove_second_factors", user.email)
    factor(user)
    assert run("remove_second_factors", user.email) == f"1 of {user.email} removed.\n"
    assert sign_in(spa(), user).status_code == 200
    assert mail.outbox[-1].to == [user.email]


def remove(browser: Client, user: User) -> Any:
    with delivered():
        return browser.post(
            reverse("admin:accounts_user_remove_second_factors", args=[user.pk]),
            {"_form_submitted": "True"},
        )


def test_an_admin_removes_second_factors() -> None:
    user = UserFactory()
    factor(user)
    stale = remove(browser_as(AdminFactory(), proved=STALE), user)
    assert stale["HX-Redirect"].startswith("/accounts/reauthenticate/")
    remove(browser_as(TeacherFactory()), user)
    assert Authenticator.objects.filter(user=user).exists()
    assert remove(browser_as(AdminFactory()), user)["HX-Redirect"] == page_of(user)
    assert not Authenticator.objects.filter(user=user).exists()
    assert "second factors" in mail.outbox[-1].subject
