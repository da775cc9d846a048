"""Who sees a code, who may be put into a class, and that people are told."""

from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from accounts.tests.clients import browser_as
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms import services
from classrooms.models import JoinRequest, Member
from classrooms.tests.admin_pages import CLASSROOMS, text
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes
from config.errors import Conflict, InvalidInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


def test_a_teacher_who_is_a_student_of_a_class_does_not_see_its_code(school: School) -> None:
    teacher = TeacherFactory()
    MemberFactory(classroom=school.classroom, user=teacher)
    own = ClassroomFactory(teacher=teacher, name="Own")
    browser, code = browser_as(teacher), school.classroom.join_code or ""
    page = text(browser.get(CLASSROOMS))
    assert "Algebra" in page
    assert code not in page
    assert own.join_code in page
    page = text(browser.get(f"{CLASSROOMS}{school.classroom.pk}/change/"))
    assert "Algebra" in page
    assert code not in page
    for query in (f"q={code}", f"q={code[:6]}", f"join_code__startswith={code[:6]}"):
        assert "Algebra" not in text(browser.get(f"{CLASSROOMS}?{query}", follow=True)), query
    assert "Own" in text(browser.get(f"{CLASSROOMS}?q={own.join_code}"))
    found = browser_as(school.assistant if school.assistant.is_staff else school.teacher)
    assert "Algebra" in text(found.get(f"{CLASSROOMS}?q={code}"))


def test_who_is_disabled_is_not_let_in(school: School) -> None:
    gone = UserFactory(is_active=False)
    request = JoinRequest.objects.create(classroom=school.classroom, user=gone)
    with pytest.raises(Conflict) as caught:
        services.join_request_approve(actor=school.teacher, join_request=request)
    assert caught.value.code == "disabled"
    with pytest.raises(Conflict):
        services.member_add(actor=school.admin, classroom=school.classroom, user=gone)
    assert not Member.objects.filter(user=gone).exists()
    assert JoinRequest.objects.filter(pk=request.pk).exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_with_a_disabled_member_imports_as_nothing(school: School, kind: str) -> None:
    User.objects.filter(pk__in=[school.student.pk, school.assistant.pk]).update(is_active=False)
    path = f"{CLASSROOMS}{school.classroom.pk}/roster.{kind}/"
    data = browser_as(school.teacher).get(path).content
    imports: Any = {"classroom": school.classroom, "actor": school.teacher}
    outcome = services.roster_import_file(data=data, filename=f"x.{kind}", **imports)
    assert (dict(outcome.counts), outcome.errors) == ({"nothing": 3}, [])
    other = csv_bytes(f"{school.student.email},,assistant")
    outcome = services.roster_import_file(data=other, filename="x.csv", **imports)
    assert "disabled" in outcome.errors[0]["detail"]


def test_leaving_with_a_new_code_happens_whole_and_last(school: School) -> None:
    before = school.classroom.join_code
    mine = Member.objects.get(user=school.co_teacher)
    chosen = [str(mine.pk), str(school.membership.pk)]
    response = browser_as(school.co_teacher).post(
        "/admin/classrooms/member/",
        {"action": "remove_and_change_code", "_selected_action": chosen},
        follow=True,
    )
    school.classroom.refresh_from_db()
    assert school.classroom.join_code != before
    assert not Member.objects.filter(pk__in=chosen).exists()
    assert school.classroom.join_code not in text(response)


def test_people_are_told_once_they_are_in(
    school: School, django_capture_on_commit_callbacks: Any
) -> None:
    one, quiet, rostered = UserFactory.create_batch(3)
    quiet.preferences.notification_email = False
    quiet.preferences.save()
    with django_capture_on_commit_callbacks(execute=True):
        for user in (one, quiet):
            services.member_add(actor=school.teacher, classroom=school.classroom, user=user)
        services.roster_import_file(
            classroom=school.classroom,
            data=csv_bytes(f"{rostered.email},,", "new@school.test,,", f"{one.email},,assistant"),
            filename="x.csv",
            actor=school.teacher,
        )
    told = {letter.to[0]: letter for letter in mail.outbox}
    assert len(told) == len(mail.outbox)
    assert set(told) == {one.email, rostered.email, "new@school.test"}
    for letter in told.values():
        assert f"{school.teacher} has put you into the class Algebra" in letter.body
    assert "no password yet" in told["new@school.test"].body
    assert "no password yet" not in told[rostered.email].body


def test_a_kelvin_sign_is_nobodys_k(school: School) -> None:
    UserFactory(email="kim@school.test")
    with pytest.raises(InvalidInput):
        services.member_add_by_email(
            actor=school.teacher, classroom=school.classroom, email="\u212aim@school.test"
        )
    outcome = services.roster_import_file(
        classroom=school.classroom,
        data=csv_bytes("\u212aim@school.test,,"),
        filename="x.csv",
        actor=school.teacher,
    )
    assert "Not an address" in outcome.errors[0]["detail"]
