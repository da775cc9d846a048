"""Making and changing users."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import preferences_update, user_create, user_update
from accounts.tests.clients import sign_in, spa
from accounts.tests.factories import PASSWORD, AdminFactory, TeacherFactory, UserFactory
from config.errors import InvalidInput, NotAllowed

pytestmark = pytest.mark.django_db


def test_a_new_user() -> None:
    user = user_create(
        actor=None, email=" Ada@School.TEST ", password=PASSWORD, role="teacher", name="Ada"
    )
    user = User.objects.get(pk=user.pk)
    assert (user.email, user.role, user.name) == ("ada@school.test", "teacher", "Ada")
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)
    assert user.preferences.theme == "light"


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("email", {"email": "nonsense"}),
        ("email", {"email": ""}),
        ("email", {"email": "x" * 250 + "@school.test"}),
        ("role", {"role": "headmaster"}),
        ("name", {"name": "x" * 101}),
        ("password", {"password": "short"}),
        ("password", {"password": "password1234"}),
        ("password", {"password": "1928374650"}),
        ("password", {"password": f"{PASSWORD} "}),
        ("password", {"password": "new.person", "email": "new.person@school.test"}),
    ],
)
def test_input_that_is_not_valid(field: str, change: dict[str, str]) -> None:
    values = {"email": "new@school.test", "password": PASSWORD, "role": "student", "name": "New"}
    with pytest.raises(InvalidInput) as caught:
        user_create(actor=None, **{**values, **change})
    assert set(caught.value.errors) == {field}
    assert not User.objects.exists()


def test_an_address_that_is_taken_whatever_its_case() -> None:
    UserFactory(email="ada@school.test")
    with pytest.raises(InvalidInput) as caught:
        user_create(actor=None, email="ADA@school.test", password=PASSWORD)
    assert set(caught.value.errors) == {"email"}


def test_the_database_itself_keeps_addresses_apart() -> None:
    UserFactory(email="ada@school.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="ADA@school.test", password="x")])


@pytest.mark.parametrize("factory", [UserFactory, TeacherFactory])
def test_only_admins_make_and_change_users(factory: type[UserFactory]) -> None:
    actor, other = factory(), UserFactory()
    with pytest.raises(NotAllowed):
        user_create(actor=actor, email="new@school.test", password=PASSWORD)
    with pytest.raises(NotAllowed):
        user_update(actor=actor, user=other, name="Changed")
    with pytest.raises(NotAllowed):
        preferences_update(actor=actor, user=other, theme="dark")
    user_update(actor=AdminFactory(), user=other, name="Changed")
    other.refresh_from_db()
    assert other.name == "Changed"


def test_the_role_is_no_field_of_an_update() -> None:
    user = UserFactory()
    user_update(actor=user, user=user, name="Ada", role="admin")
    user.refresh_from_db()
    assert (user.name, user.role) == ("Ada", "student")


def test_deleting_a_user_in_the_database_takes_the_preferences_along() -> None:
    user = UserFactory()
    User.objects.filter(pk=user.pk)._raw_delete(using="default")
    assert not type(user.preferences).objects.exists()


def test_the_first_admin_of_a_school_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="Head@School.test", interactive=False, verbosity=0)
    user = User.objects.get()
    assert (user.email, user.role) == ("head@school.test", "admin")
    assert sign_in(spa(), user).status_code == 200
