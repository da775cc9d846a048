"""The admin's door, and users in the admin as an admin keeps them."""

from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import User
from accounts.tests.clients import browser_as, filled_in
from accounts.tests.factories import PASSWORD, AdminFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
LIST = "/admin/accounts/user/"


def sign_in_page(next_url: str) -> str:
    return f"/accounts/login/?{urlencode({'next': next_url})}"


def user_page(user: User, page: str = "change") -> str:
    return f"{LIST}{user.pk}/{page}/"


@pytest.mark.parametrize(
    ("next_url", "target"),
    [
        ("/admin/accounts/user/", "/admin/accounts/user/"),
        ("https://evil.test/", "/admin/"),
        ("//evil.test", "/admin/"),
        ("/\\evil.test", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("http:///evil.test", "/admin/"),
    ],
)
def test_where_signing_in_leads(next_url: str, target: str) -> None:
    response = browser_as().get(LOGIN, {"next": next_url})
    assert (response.status_code, response["Location"]) == (302, sign_in_page(target))
    # Someone who is signed in already goes on at once.
    response = browser_as(AdminFactory()).get(LOGIN, {"next": next_url})
    assert (response.status_code, response["Location"]) == (302, target)


@pytest.mark.parametrize(
    ("next_url", "target"),
    [
        ("/admin/accounts/user/", "/admin/accounts/user/"),
        ("https://evil.test/", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("http:///evil.test", "/"),
        ("http://localhost/admin/", "/"),
    ],
)
def test_the_page_leads_nowhere_else(next_url: str, target: str) -> None:
    login = {"login": AdminFactory().email, "password": PASSWORD, "next": next_url}
    response = browser_as().post("/accounts/login/", login)
    assert (response.status_code, response["Location"]) == (302, target)


def test_the_admin_has_no_door_of_its_own() -> None:
    login = {"username": AdminFactory().email, "password": PASSWORD}
    browser = browser_as()
    assert browser.post(LOGIN, login)["Location"] == sign_in_page("/admin/")
    page = browser.get("/admin/")
    assert page["Location"] == "/admin/login/?next=/admin/"
    assert browser_as(AdminFactory()).get("/admin/password_change/")["Location"] == (
        "/accounts/password/change/"
    )


def test_students_are_not_let_in() -> None:
    student = UserFactory()
    signed_in = browser_as(student)
    for path in ("/admin/", LIST, user_page(student), "/admin/search/?s=x", "/admin/autocomplete/"):
        assert signed_in.get(path).status_code == 302
        assert signed_in.get(path, follow=True).status_code == 403
    home = signed_in.get("/")
    assert home.status_code == 200
    assert "/accounts/preferences/" in home.content.decode()


def test_home_leads_everybody_to_their_place() -> None:
    assert browser_as().get("/")["Location"] == "/accounts/login/?next=/"
    assert browser_as(TeacherFactory()).get("/")["Location"] == "/admin/"


def test_the_home_page_and_the_lists() -> None:
    for factory in (AdminFactory, TeacherFactory):
        browser = browser_as(factory())
        for path in ("/admin/", LIST, "/admin/accounts/", "/admin/search/?s=use"):
            assert browser.get(path).status_code == 200, path


def test_an_admin_searches_and_filters() -> None:
    ada = UserFactory(name="Ada", email="ada@school.test")
    UserFactory(name="Bob", email="bob@school.test")
    page = browser_as(AdminFactory()).get(f"{LIST}?q=ADA").content.decode()
    assert ada.email in page
    assert "bob@school.test" not in page
    assert browser_as(AdminFactory()).get(f"{LIST}?role__exact=student").status_code == 200


@pytest.mark.parametrize(
    "lookup", ["password__startswith=argon2", "password=x", "classrooms__join_code=X"]
)
def test_lists_can_not_be_asked_for_what_they_do_not_show(lookup: str) -> None:
    response = browser_as(AdminFactory()).get(f"{LIST}?{lookup}")
    assert response.status_code in (302, 400)


def test_an_admin_makes_a_user() -> None:
    browser = browser_as(AdminFactory())
    assert browser.get(f"{LIST}add/").status_code == 200
    form = {"email": "New@School.test", "name": "New", "role": "teacher", "password": PASSWORD}
    response = browser.post(f"{LIST}add/", form)
    made = User.objects.get(email="new@school.test")
    assert response["Location"] == user_page(made)
    assert (made.name, made.role, made.preferences.theme) == ("New", "teacher", "light")
    assert made.check_password(PASSWORD)


@pytest.mark.parametrize(
    "change",
    [{"email": "nonsense"}, {"password": "short"}, {"role": "king"}, {"email": "TAKEN@x.y"}],
)
def test_a_user_that_is_not_valid_is_a_message(change: dict[str, str]) -> None:
    UserFactory(email="taken@x.y")
    form = {"email": "new@school.test", "role": "student", "password": PASSWORD, **change}
    response = browser_as(AdminFactory()).post(f"{LIST}add/", form, follow=True)
    assert response.status_code == 200
    assert User.objects.count() == 2


def test_an_admin_changes_a_user_and_their_preferences() -> None:
    user = UserFactory()
    browser = browser_as(AdminFactory())
    page = browser.get(user_page(user))
    assert user.email in page.content.decode()
    assert user.password not in page.content.decode()
    changes = {"name": "Changed", "role": "teacher", "preferences-0-theme": "dark"}
    response = browser.post(user_page(user), filled_in(page, **changes))
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(pk=user.pk)
    assert (user.name, user.role) == ("Changed", "teacher")
    assert user.check_password(PASSWORD)
    preferences = user.preferences
    assert (preferences.theme, preferences.difficulty_preference) == ("dark", 3)


def test_an_admin_sets_a_password() -> None:
    user, browser = UserFactory(), browser_as(AdminFactory())
    path = user_page(user, "password")
    assert browser.get(path).status_code == 200
    new = "another-Long-password-8"
    response = browser.post(path, {"password1": new, "password2": new, "usable_password": "true"})
    assert response.status_code == 302
    assert User.objects.get(pk=user.pk).check_password(new)


def test_an_admin_deletes_a_user() -> None:
    user, browser = UserFactory(), browser_as(AdminFactory())
    assert browser.get(user_page(user, "delete")).status_code == 200
    assert browser.post(user_page(user, "delete"), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()


def test_history_is_there() -> None:
    assert browser_as(AdminFactory()).get(user_page(UserFactory(), "history")).status_code == 200


def test_a_teacher_keeps_no_users() -> None:
    teacher, stranger = TeacherFactory(), UserFactory()
    browser = browser_as(teacher)
    assert stranger.email not in browser.get(LIST).content.decode()
    assert browser.get(f"{LIST}add/").status_code == 403
    for page in ("change", "delete", "history", "password"):
        assert browser.get(user_page(stranger, page)).status_code in (302, 403), page
    own = browser.get(user_page(teacher))
    assert own.status_code == 200
    assert "argon2" not in own.content.decode()
    form = {"email": teacher.email, "role": "admin", "name": "Me", "is_active": "true"}
    assert browser.post(user_page(teacher), form).status_code == 403
    for page in ("delete", "password"):
        assert browser.post(user_page(teacher, page), {"post": "yes"}).status_code == 403
    teacher.refresh_from_db()
    assert teacher.role == "teacher"


def test_an_id_that_is_none() -> None:
    response = browser_as(AdminFactory()).get(reverse("admin:accounts_user_change", args=["x"]))
    assert response.status_code == 302


def test_an_address_that_an_admin_changes_signs_in_at_once() -> None:
    user, browser = UserFactory(), browser_as(AdminFactory())
    EmailAddress.objects.create(user=user, email="wanted@school.test", verified=False)
    page = browser.get(user_page(user))
    response = browser.post(user_page(user), filled_in(page, email="Other@School.test"))
    assert response.status_code == 302
    [address] = EmailAddress.objects.filter(user=user)
    assert (address.email, address.verified, address.primary) == ("other@school.test", True, True)
    login = {"login": "other@school.test", "password": PASSWORD}
    assert browser_as().post("/accounts/login/", login)["Location"] == "/"


def test_the_libraries_pages_are_not_there() -> None:
    browser = browser_as(AdminFactory())
    for path in ("account/emailaddress", "mfa/authenticator", "auth/group", "axes/accesslog"):
        assert browser.get(f"/admin/{path}/").status_code == 404, path
