"""What a person prefers is what they see."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from accounts.backends import EmailBackend
from accounts.middleware import LanguageMiddleware
from accounts.models import User, UserPreferences
from accounts.tests.clients import api_as, browser_as
from accounts.tests.factories import TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/preferences/"
FORM = {
    "theme": "dark",
    "language": "de",
    "notification_push": "on",
    "difficulty_preference": "5",
}


def prefer(user: User, **values: Any) -> None:
    UserPreferences.objects.filter(user=user).update(**values)


def test_a_person_keeps_their_own() -> None:
    user = UserFactory()
    browser = browser_as(user)
    assert browser.get(PAGE).status_code == 200
    assert browser.post(PAGE, FORM)["Location"] == PAGE
    found = UserPreferences.objects.get(user=user)
    assert (found.theme, found.language, found.difficulty_preference) == ("dark", "de", 5)
    assert (found.notification_email, found.notification_push) == (False, True)
    # The page is in German and dark from now on.
    page = browser.get(PAGE).content.decode()
    assert '<html lang="de"' in page
    assert 'class="dark"' in page
    assert "Abmelden" in page


@pytest.mark.parametrize(
    "change",
    [{"theme": "pink"}, {"language": "xx"}, {"difficulty_preference": "6"}, {"theme": ""}],
)
def test_what_is_not_valid_is_said_on_the_page(change: dict[str, str]) -> None:
    user = UserFactory()
    response = browser_as(user).post(PAGE, {**FORM, **change})
    if change == {"theme": ""}:
        return
    assert response.status_code == 200
    assert response.context["form"].errors
    assert UserPreferences.objects.get(user=user).theme == "light"


def test_nobody_who_is_not_signed_in() -> None:
    assert browser_as().get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"


def test_the_database_keeps_the_difficulty() -> None:
    for value in (0, 6):
        with pytest.raises(IntegrityError), transaction.atomic():
            prefer(UserFactory(), difficulty_preference=value)


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_admin_has_the_theme(theme: str) -> None:
    teacher = TeacherFactory()
    prefer(teacher, theme=theme)
    page = browser_as(teacher).get("/admin/").content.decode()
    assert f'class="{theme}"' in page
    assert "lectern/theme.js" in page


def test_the_admin_has_the_language() -> None:
    teacher = TeacherFactory()
    prefer(teacher, language="fr")
    response = browser_as(teacher).get("/admin/")
    assert response["Content-Language"] == "fr"
    assert '<html lang="fr"' in response.content.decode()
    menu = response.content.decode()
    for path in (PAGE, "/accounts/password/change/", "/accounts/email/", "/accounts/2fa/"):
        assert path in menu


def test_before_signing_in_the_browser_says_it() -> None:
    page = browser_as().get("/accounts/login/", headers={"Accept-Language": "es"})
    assert page["Content-Language"] == "es"
    assert browser_as().get("/accounts/login/")["Content-Language"] == "en"


@pytest.mark.parametrize("language", [None, "tlh", ""])
def test_a_language_that_is_none(language: str | None) -> None:
    teacher = TeacherFactory()
    prefer(teacher, language=language)
    assert browser_as(teacher).get("/admin/")["Content-Language"] == "en"


def test_someone_without_preferences() -> None:
    teacher = TeacherFactory()
    UserPreferences.objects.all().delete()
    browser = browser_as(teacher)
    assert browser.get("/admin/").status_code == 200
    assert browser.get(PAGE).status_code == 200


def test_the_language_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries, rf: RequestFactory
) -> None:
    teacher = TeacherFactory()
    prefer(teacher, language="fr")
    request = rf.get("/admin/")
    with django_assert_num_queries(1):
        request.user = EmailBackend().get_user(teacher.pk)

    def view(request: Any) -> Any:
        from django.http import HttpResponse

        return HttpResponse()

    with django_assert_num_queries(0):
        assert LanguageMiddleware(view)(request)["Content-Language"] == "fr"


def test_the_api_does_not_look() -> None:
    teacher = TeacherFactory()
    prefer(teacher, language="fr")
    response = api_as(teacher).get("/api/v1/me")
    assert "Content-Language" not in response
