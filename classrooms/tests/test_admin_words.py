"""What the pages of classes say and offer: states of the code, adding by address, empty lists."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.clients import browser_as
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms import services
from classrooms.models import JoinRules, Member, RosterImport
from classrooms.tests.admin_pages import CLASSROOMS, MEMBERS, text
from classrooms.tests.people import School, make_school

pytestmark = pytest.mark.django_db

IMPORTS = "/admin/classrooms/rosterimport/"


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"enabled": False}, "The code is switched off"),
        ({"expires_at": timezone.now() - timedelta(hours=1)}, "The code has expired"),
    ],
)
def test_card_and_projector_say_why_the_code_lets_nobody_in(
    school: School, rules: dict[str, Any], words: str
) -> None:
    browser, path = browser_as(school.teacher), f"{CLASSROOMS}{school.classroom.pk}"
    assert "data-code-state" not in text(browser.get(f"{path}/change/"))
    JoinRules.objects.create(classroom=school.classroom, **rules)
    for page in (f"{path}/change/", f"{path}/show-code/"):
        shown = text(browser.get(page))
        assert words in shown
        assert "#join_rules" in shown


def test_adding_by_address(school: School) -> None:
    """Also somebody whom the teacher does not see."""
    browser = browser_as(school.teacher)
    form = {"classroom": str(school.classroom.pk), "role": "student"}
    assert 'name="email"' in text(browser.get(f"{MEMBERS}add/"))
    both = {"user": str(school.student.pk), "email": school.outsider.email}
    for wrong in ({}, both, {"email": "no address"}):
        assert browser.post(f"{MEMBERS}add/", {**form, **wrong}).status_code == 200
    unknown = browser.post(f"{MEMBERS}add/", {**form, "email": "x@school.test"}, follow=True)
    assert "Nobody has this address" in text(unknown)
    foreign = {**form, "classroom": str(school.other.pk), "email": school.outsider.email}
    assert browser.post(f"{MEMBERS}add/", foreign).status_code == 200
    assert Member.objects.count() == 4
    added = browser.post(f"{MEMBERS}add/", {**form, "email": school.outsider.email})
    assert added.status_code == 302
    assert school.classroom.members.filter(user=school.outsider).exists()


def test_adding_by_address_on_the_classs_page(school: School) -> None:
    inline = {
        "name": "Algebra",
        "is_active": "true",
        "join_rules-TOTAL_FORMS": "0",
        "join_rules-INITIAL_FORMS": "0",
        "members-TOTAL_FORMS": "2",
        "members-INITIAL_FORMS": "1",
        "members-0-id": str(school.membership.pk),
        "members-0-classroom": str(school.classroom.pk),
        "members-0-role": "student",
        "members-1-classroom": str(school.classroom.pk),
        "members-1-email": school.outsider.email,
        "members-1-role": "assistant",
    }
    path = f"{CLASSROOMS}{school.classroom.pk}/change/"
    response = browser_as(school.teacher).post(path, inline)
    assert response.status_code == 302, response.context["errors"]
    assert school.classroom.members.get(user=school.outsider).role == "assistant"
    assert school.classroom.members.get(user=school.student).role == "student"


def test_empty_lists_say_what_is_empty() -> None:
    browser = browser_as(TeacherFactory())
    assert "Nobody is waiting." in text(browser.get("/admin/classrooms/joinrequest/"))
    assert "Nobody is in your classes yet." in text(browser.get(MEMBERS))
    assert "Nothing is found." in text(browser.get(f"{MEMBERS}?q=nobody"))


def test_add_forms_show_only_what_can_be_filled_in(school: School) -> None:
    page = text(browser_as(school.teacher).get(f"{CLASSROOMS}add/"))
    assert "Created at" not in page
    assert 'name="is_active"' not in page
    assert "field-teacher" not in page
    assert 'name="teacher"' in text(browser_as(school.admin).get(f"{CLASSROOMS}add/"))
    assert "Joined at" not in text(browser_as(school.teacher).get(f"{MEMBERS}add/"))


def test_an_archived_class_offers_no_import(school: School) -> None:
    browser, path = browser_as(school.teacher), f"{CLASSROOMS}{school.classroom.pk}/change/"
    assert "import-roster" in text(browser.get(path))
    services.classroom_update(actor=school.teacher, classroom=school.classroom, is_active=False)
    page = text(browser.get(path))
    assert "import-roster" not in page
    assert "roster.csv" in page


def test_one_is_not_many_and_an_invalid_file_can_be_sent_again(school: School) -> None:
    made = RosterImport.objects.create(
        classroom=school.classroom,
        filename="x.csv",
        state="invalid",
        counts={"new_account": 1, "errors": 1, "add": 2},
    )
    page = text(browser_as(school.teacher).get(f"{IMPORTS}{made.pk}/change/"))
    for words in ("new account<", "error<", "people added<"):
        assert f"</strong> {words}" in page
    assert f"{IMPORTS}add/?classroom={school.classroom.pk}" in page
    assert "Upload a corrected file" in page


def test_choosing_a_person_never_offers_who_may_not_teach(school: School) -> None:
    UserFactory(name="Nobody Special")
    query = {"app_label": "classrooms", "model_name": "classroom", "field_name": "teacher"}
    answer = browser_as(school.admin).get("/admin/autocomplete/", query).json()
    assert len(answer["results"]) == 4
    assert all("(" in row["text"] for row in answer["results"])
