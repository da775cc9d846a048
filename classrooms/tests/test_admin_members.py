"""Members in the admin."""

import pytest

from accounts.tests.clients import browser_as
from accounts.tests.factories import UserFactory
from classrooms.models import Member
from classrooms.tests.admin_pages import CLASSROOMS, MEMBERS, form_of
from classrooms.tests.people import School, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


def test_a_teacher_changes_a_members_role_and_nothing_else(school: School) -> None:
    browser = browser_as(school.teacher)
    path = f"{MEMBERS}{school.membership.pk}/change/"
    assert browser.get(path).status_code == 200
    form = {"role": "assistant", "user": str(school.co_teacher.pk), "classroom": school.other.pk}
    response = browser.post(path, form)
    assert response.status_code == 302, response.context["errors"]
    school.membership.refresh_from_db()
    assert (school.membership.user, school.membership.classroom, school.membership.role) == (
        school.student,
        school.classroom,
        "assistant",
    )
    assert Member.objects.count() == 4


def test_a_teacher_adds_nobody_whom_they_do_not_see(school: School) -> None:
    browser = browser_as(school.teacher)
    for user, classroom in (
        (school.outsider, school.classroom),
        (school.student, school.other),
    ):
        form = {"user": str(user.pk), "classroom": str(classroom.pk), "role": "student"}
        assert browser.post(f"{MEMBERS}add/", form).status_code == 200  # the form's error
    inline = {
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-user": str(school.outsider.pk),
        "members-0-classroom": str(school.classroom.pk),
        "members-0-role": "student",
    }
    path = f"{CLASSROOMS}{school.classroom.pk}/change/"
    assert browser.post(path, form_of(school.classroom, **inline)).status_code == 200
    assert Member.objects.count() == 4


def test_an_admin_adds_members_inline_and_alone(school: School) -> None:
    browser, newcomer, second = browser_as(school.admin), UserFactory(), UserFactory()
    inline = {
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-user": str(newcomer.pk),
        "members-0-classroom": str(school.classroom.pk),
        "members-0-role": "student",
    }
    path = f"{CLASSROOMS}{school.classroom.pk}/change/"
    form = form_of(school.classroom, teacher=str(school.teacher.pk), **inline)
    response = browser.post(path, form)
    assert response.status_code == 302, response.context["errors"]
    assert school.classroom.members.filter(user=newcomer).exists()
    form = {"user": str(second.pk), "classroom": str(school.classroom.pk), "role": "assistant"}
    assert browser.post(f"{MEMBERS}add/", form).status_code == 302
    assert school.classroom.members.get(user=second).role == "assistant"


def test_an_assistant_changes_nothing(school: School) -> None:
    assistant = school.assistant
    assistant.role = "teacher"  # a teacher of other classes, an assistant in this one
    assistant.save()
    browser = browser_as(assistant)
    path = f"{CLASSROOMS}{school.classroom.pk}/change/"
    assert browser.get(path).status_code == 200
    assert browser.post(path, form_of(school.classroom, name="Mine")).status_code == 403
    path = f"{MEMBERS}{school.membership.pk}/change/"
    assert browser.post(path, {"role": "teacher"}).status_code == 403
    chosen = {
        "action": "delete_selected",
        "_selected_action": [str(school.membership.pk)],
        "post": "yes",
    }
    browser.post(MEMBERS, chosen)
    assert Member.objects.count() == 4


def test_a_teacher_removes_members_of_their_own_class(school: School) -> None:
    browser = browser_as(school.teacher)
    foreign = Member.objects.get(user=school.outsider)
    chosen = {
        "action": "delete_selected",
        "_selected_action": [str(school.membership.pk), str(foreign.pk)],
        "post": "yes",
    }
    assert browser.post(MEMBERS, chosen).status_code == 302
    assert not Member.objects.filter(pk=school.membership.pk).exists()
    assert Member.objects.filter(pk=foreign.pk).exists()
