"""What a name and an address may be is the same, whoever writes it and wherever."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import services
from accounts.auth.forms import SignupForm
from accounts.models import User
from accounts.rules import validate_name
from accounts.tests.clients import browser_as, filled_in
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from config.errors import InvalidInput

BAD = ("Two\nLines", "Tab\tbed", "Bell\x07", "Next\x85Line", "Para\u2029graph", "Turned\u202e")
GOOD = ("Žofie Müller", "王小明", "علی\u200cرضا", "O'Neill-Smith")


@pytest.mark.parametrize("name", BAD)
@pytest.mark.django_db
def test_bad_names(name: str) -> None:
    user, admin = UserFactory(name="Before"), AdminFactory()
    with pytest.raises(ValidationError):
        validate_name(name)
    with pytest.raises(InvalidInput):
        services.user_update(actor=user, user=user, name=name)
    with pytest.raises(InvalidInput):
        services.user_create(actor=admin, email="n@school.test", password=PASSWORD, name=name)
    with pytest.raises(InvalidInput):
        services.invitation_create(actor=admin, email="n@school.test", name=f"A{name}")
    with pytest.raises(ValidationError):
        SignupForm.base_fields["name"].clean(name)
    form = {"email": "n@school.test", "name": name, "role": "student", "password": PASSWORD}
    browser: Client = browser_as(admin)
    browser.post("/admin/accounts/user/add/", form)
    assert not User.objects.filter(email="n@school.test").exists()
    assert User.objects.get(pk=user.pk).name == "Before"


@pytest.mark.parametrize("name", GOOD)
def test_good_names(name: str) -> None:
    validate_name(name)


@pytest.mark.parametrize("email", ["\u212aa@school.test", "\u017fam@school.test", "a@[127.0.0.1]"])
@pytest.mark.django_db
def test_bad_addresses(email: str) -> None:
    """The first is a "k" in lower case, the second an "s": a stranger's address."""
    user, admin = UserFactory(), AdminFactory()
    with pytest.raises(InvalidInput):
        services.user_create(actor=admin, email=email, password=PASSWORD)
    with pytest.raises(InvalidInput):
        services.invitation_create(actor=admin, email=email)
    browser: Client = browser_as(admin)
    page = f"/admin/accounts/user/{user.pk}/change/"
    answer = browser.post(page, filled_in(browser.get(page), email=email))
    assert "email" in answer.context["adminform"].form.errors
    assert User.objects.get(pk=user.pk).email == user.email
