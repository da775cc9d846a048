"""Rosters in the admin."""

from typing import Any

import pytest

from accounts.tests.clients import browser_as
from classrooms import tasks  # noqa: F401 - registers them
from classrooms.models import Member, RosterImport
from classrooms.tests.admin_pages import text
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes, rows, upload

pytestmark = pytest.mark.django_db(transaction=True)

IMPORTS = "/admin/classrooms/rosterimport/"
SUBMITTED = {"_form_submitted": "on"}


@pytest.fixture
def school() -> School:
    return make_school()


def post(school: School, name: str, *lines: str) -> Any:
    body = {"classroom": str(school.classroom.pk), "file": upload(csv_bytes(*lines))}
    return browser_as(school.person(name)).post(f"{IMPORTS}add/", body)


def test_from_upload_to_done(school: School) -> None:
    browser = browser_as(school.teacher)
    start = f"/admin/classrooms/classroom/{school.classroom.pk}/import-roster/"
    assert browser.get(start)["Location"] == f"{IMPORTS}add/?classroom={school.classroom.pk}"
    response = post(school, "teacher", "new@school.test,<b>New</b>,")
    made = RosterImport.objects.get()
    assert response["Location"] == f"{IMPORTS}{made.pk}/change/"
    page = text(browser.get(response["Location"]))
    assert "new account" in page
    assert "&lt;b&gt;New" in page
    answer = browser.post(f"{IMPORTS}{made.pk}/confirm/", SUBMITTED)
    assert answer["HX-Redirect"] == response["Location"]
    assert Member.objects.filter(user__email="new@school.test").exists()
    page = text(browser.get(response["Location"]))
    assert "Confirm and import" not in page
    assert browser.post(f"{IMPORTS}{made.pk}/cancel/", SUBMITTED).status_code == 403
    answer = browser.post(f"{IMPORTS}{made.pk}/delete/", {"post": "yes"})
    assert answer["Location"] == IMPORTS
    assert not RosterImport.objects.exists()


def test_what_is_not_confirmed_is_cancelled(school: School) -> None:
    response = post(school, "teacher", "new@school.test,New,")
    browser = browser_as(school.teacher)
    page = response["Location"].removesuffix("change/")
    assert browser.post(f"{page}cancel/", SUBMITTED)["HX-Redirect"] == IMPORTS
    assert not RosterImport.objects.exists()
    assert not Member.objects.filter(user__email="new@school.test").exists()


def test_errors_have_row_and_column(school: School) -> None:
    response = post(school, "teacher", "ok@school.test,,", "bad,,")
    page = text(browser_as(school.teacher).get(response["Location"]))
    assert "<td>3</td><td>email</td><td>Not an address: bad</td>" in page
    assert "Confirm and import" not in page


def test_a_refused_file_is_a_message(school: School) -> None:
    body = {"classroom": str(school.classroom.pk), "file": upload(b"%PDF-1.4")}
    response = browser_as(school.teacher).post(f"{IMPORTS}add/", body, follow=True)
    assert "neither a CSV nor an Excel file" in text(response)


def test_nobody_else_sees_or_confirms_it(school: School) -> None:
    post(school, "co_teacher", "new@school.test,,")
    made = RosterImport.objects.get()
    school.assistant.role = "teacher"  # lets them into the admin, not into this
    school.assistant.save()
    for person in (school.other_teacher, school.assistant):
        browser = browser_as(person)
        assert "roster.csv" not in text(browser.get(IMPORTS))
        assert browser.get(f"{IMPORTS}{made.pk}/change/")["Location"] == "/admin/"
        for action in ("confirm", "cancel"):
            answer = browser.post(f"{IMPORTS}{made.pk}/{action}/", SUBMITTED)
            assert answer.status_code in (302, 403, 404)
        for export in ("roster.csv", "roster.xlsx", "import-roster"):
            path = f"/admin/classrooms/classroom/{school.classroom.pk}/{export}/"
            assert browser.get(path).status_code in (302, 403, 404)
    made.refresh_from_db()
    assert made.state == "ready"


def test_who_may_not_import_is_refused(school: School) -> None:
    assert post(school, "other_teacher", "a@school.test,,").status_code == 200  # no such class
    school.assistant.role = "teacher"
    school.assistant.save()
    post(school, "assistant", "a@school.test,,")
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_export(school: School, kind: str) -> None:
    path = f"/admin/classrooms/classroom/{school.classroom.pk}/roster.{kind}/"
    response = browser_as(school.teacher).get(path)
    assert f'filename="roster-algebra.{kind}"' in response["Content-Disposition"]
    assert len(rows(response.content)) == 3
