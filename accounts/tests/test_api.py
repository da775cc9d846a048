"""One's own account and preferences, and who sees whom."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User, UserPreferences
from accounts.tests.clients import api_as
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"
PREFERENCES = "/api/v1/me/preferences"
USERS = "/api/v1/users"

DEFAULTS = {
    "theme": "light",
    "language": "en",
    "notification_email": True,
    "notification_push": True,
    "difficulty_preference": 3,
}


def test_me() -> None:
    user = UserFactory()
    body = api_as(user).get(ME).json()
    assert set(body) == {
        "id",
        "email",
        "name",
        "role",
        "avatar_url",
        "created_at",
        "last_login",
    }
    assert (body["id"], body["role"]) == (str(user.pk), "student")
    assert body["created_at"].endswith("Z")


def test_changing_oneself() -> None:
    user = UserFactory()
    response = api_as(user).patch(ME, {"name": "Ada", "avatar_url": "https://school.test/a.png"})
    assert response.status_code == 200
    before = user.updated_at
    user.refresh_from_db()
    assert (user.name, user.avatar_url) == ("Ada", "https://school.test/a.png")
    assert user.updated_at > before
    assert api_as(user).patch(ME, {"avatar_url": "javascript:alert(1)"}).status_code == 400


def test_preferences_have_the_defaults_of_the_specification() -> None:
    user = UserFactory()
    assert api_as(user).get(PREFERENCES).json() == DEFAULTS
    UserPreferences.objects.all().delete()
    assert api_as(user).get(PREFERENCES).json() == DEFAULTS


def test_changing_preferences_makes_the_row_once() -> None:
    user = UserFactory()
    UserPreferences.objects.all().delete()
    for theme in ("dark", "auto"):
        response = api_as(user).patch(PREFERENCES, {"theme": theme})
        assert response.json() == {**DEFAULTS, "theme": theme}
    assert UserPreferences.objects.get(user=user).theme == "auto"


@pytest.mark.parametrize(
    "change",
    [
        {"theme": "pink"},
        {"language": "x" * 11},
        {"difficulty_preference": 0},
        {"difficulty_preference": 6},
        {"difficulty_preference": "hard"},
        {"notification_email": "maybe"},
        {"user": "someone"},
    ],
)
def test_preferences_that_are_not_valid(change: dict[str, Any]) -> None:
    user = UserFactory()
    assert api_as(user).patch(PREFERENCES, change).status_code == 400
    assert api_as(user).get(PREFERENCES).json() == DEFAULTS


def test_an_admin_sees_everyone_and_others_only_themselves() -> None:
    admin, teacher, student = AdminFactory(), TeacherFactory(), UserFactory()
    assert seen_by(admin) == {admin, teacher, student}
    assert seen_by(teacher) == {teacher}
    assert seen_by(student) == {student}
    assert api_as(student).get(f"{USERS}/{teacher.pk}").status_code == 404


def test_others_do_not_see_the_address() -> None:
    body = api_as(AdminFactory()).get(USERS).json()["results"][0]
    assert set(body) == {"id", "name", "role", "avatar_url"}


def test_by_role() -> None:
    admin, teacher = AdminFactory(), TeacherFactory()
    found = api_as(admin).get(USERS, {"role": "teacher"}).json()["results"]
    assert [row["id"] for row in found] == [str(teacher.pk)]


@pytest.mark.parametrize("rows", [2, 30])
def test_queries_of_the_list(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = api_as(AdminFactory())
    User.objects.bulk_create(UserFactory.build_batch(rows))
    with django_assert_num_queries(2):  # the caller, the page
        assert client.get(USERS, {"page_size": 50}).status_code == 200


def seen_by(user: User) -> set[User]:
    found = api_as(user).get(USERS).json()["results"]
    return set(User.objects.filter(pk__in=[row["id"] for row in found]))
