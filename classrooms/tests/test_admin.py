"""Classes and members in the admin: a teacher works on their own and sees no others."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.clients import browser_as
from accounts.tests.factories import TeacherFactory
from classrooms.models import Classroom, Member
from classrooms.tests.admin_pages import (
    CLASSROOMS,
    MEMBERS,
    USERS,
    autocomplete,
    form_of,
    ids,
    text,
)
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from classrooms.tests.people import School, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


# --- An admin ---


def test_an_admin_makes_a_class_for_a_teacher(school: School) -> None:
    browser = browser_as(school.admin)
    assert browser.get(f"{CLASSROOMS}add/").status_code == 200
    form = form_of(Classroom(name="Chemistry"), teacher=str(school.teacher.pk))
    response = browser.post(f"{CLASSROOMS}add/", form)
    assert response.status_code == 302
    made = Classroom.objects.get(name="Chemistry")
    assert (made.teacher, len(made.join_code)) == (school.teacher, 8)


def test_a_student_can_not_be_its_teacher(school: School) -> None:
    form = form_of(Classroom(name="Chemistry"), teacher=str(school.student.pk))
    response = browser_as(school.admin).post(f"{CLASSROOMS}add/", form, follow=True)
    assert "not a teacher" in text(response)
    assert not Classroom.objects.filter(name="Chemistry").exists()


def test_an_admin_gives_a_class_to_another_teacher(school: School) -> None:
    browser = browser_as(school.admin)
    path = f"{CLASSROOMS}{school.classroom.pk}/change/"
    form = form_of(school.classroom, teacher=str(school.other_teacher.pk))
    assert browser.post(path, form).status_code == 302
    school.classroom.refresh_from_db()
    assert school.classroom.teacher == school.other_teacher
    form = form_of(school.classroom, teacher=str(school.student.pk))
    assert "not a teacher" in text(browser.post(path, form, follow=True))


def test_an_admin_deletes_what_is_not_in_use(school: School) -> None:
    browser = browser_as(school.admin)
    path = f"{CLASSROOMS}{school.classroom.pk}/delete/"
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"post": "yes"}).status_code == 302
    assert not Classroom.objects.filter(pk=school.classroom.pk).exists()
    chosen = {"action": "delete_selected", "_selected_action": [str(school.other.pk)], "post": "1"}
    assert browser.post(CLASSROOMS, chosen).status_code == 302
    assert not Classroom.objects.exists()


def test_a_person_who_teaches_is_not_deleted(school: School) -> None:
    response = browser_as(school.admin).post(
        f"{USERS}{school.teacher.pk}/delete/", {"post": "yes"}, follow=True
    )
    assert response.status_code == 200
    assert User.objects.filter(pk=school.teacher.pk).exists()


# --- A teacher ---


def test_a_teacher_sees_their_own_classes_and_people(school: School) -> None:
    browser = browser_as(school.teacher)
    for path, own, foreign in (
        (CLASSROOMS, "Algebra", "Biology"),
        (MEMBERS, str(school.student), str(school.outsider)),
        (USERS, school.student.email, school.outsider.email),
        (f"{CLASSROOMS}?q=b", "Algebra", "Biology"),
        (f"{USERS}?q=school", school.student.email, school.outsider.email),
        (f"{CLASSROOMS}?subject=Mathematics", "Algebra", "Biology"),
    ):
        page = text(browser.get(path))
        assert own in page, path
        assert foreign not in page, path


def test_a_teacher_opens_no_foreign_page(school: School) -> None:
    browser = browser_as(school.teacher)
    member = Member.objects.get(user=school.outsider)
    for base, pk in (
        (CLASSROOMS, school.other.pk),
        (MEMBERS, member.pk),
        (USERS, school.outsider.pk),
    ):
        for page in ("change", "delete", "history"):
            for method in (browser.get, browser.post):
                response = method(f"{base}{pk}/{page}/")
                assert response.status_code in (302, 403), (base, page)
                if response.status_code == 302:
                    assert response["Location"] == "/admin/"
    assert browser.get(f"{USERS}{school.outsider.pk}/password/").status_code == 403


def test_a_teacher_makes_their_own_class(school: School) -> None:
    browser = browser_as(school.teacher)
    assert 'name="teacher"' not in text(browser.get(f"{CLASSROOMS}add/"))
    form = form_of(Classroom(name="Chemistry"), teacher=str(school.other_teacher.pk))
    assert browser.post(f"{CLASSROOMS}add/", form).status_code == 302
    assert Classroom.objects.get(name="Chemistry").teacher == school.teacher


def test_a_teacher_changes_a_class_but_not_whose_it_is(school: School) -> None:
    browser = browser_as(school.teacher)
    path = f"{CLASSROOMS}{school.classroom.pk}/change/"
    assert school.classroom.join_code in text(browser.get(path))
    form = form_of(school.classroom, name="Geometry", teacher=str(school.other_teacher.pk))
    form |= {"join_code": "MYCODE22"}
    assert browser.post(path, form).status_code == 302
    before = school.classroom.join_code
    school.classroom.refresh_from_db()
    assert (school.classroom.name, school.classroom.teacher, school.classroom.join_code) == (
        "Geometry",
        school.teacher,
        before,
    )


def test_a_teacher_deletes_no_class(school: School) -> None:
    browser = browser_as(school.teacher)
    path = f"{CLASSROOMS}{school.classroom.pk}/delete/"
    assert browser.get(path).status_code == 403
    assert browser.post(path, {"post": "yes"}).status_code == 403
    chosen = {
        "action": "delete_selected",
        "_selected_action": [str(school.classroom.pk)],
        "post": "yes",
    }
    browser.post(CLASSROOMS, chosen)
    assert Classroom.objects.count() == 2


def test_a_new_join_code_takes_a_post_with_a_token(school: School) -> None:
    before = school.classroom.join_code
    path = _action_path(browser_as(school.teacher), school.classroom)
    browser = browser_as(school.teacher)
    assert browser.get(path).status_code == 200  # asks
    school.classroom.refresh_from_db()
    assert school.classroom.join_code == before
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(school.teacher)
    assert strict.post(path, {"_form_submitted": "on"}).status_code == 403
    response = browser.post(path, {"_form_submitted": "on"})
    assert response["HX-Redirect"] == f"{CLASSROOMS}{school.classroom.pk}/change/"
    school.classroom.refresh_from_db()
    assert school.classroom.join_code != before


def test_nobody_else_makes_a_new_code(school: School) -> None:
    before = school.classroom.join_code
    path = _action_path(browser_as(school.teacher), school.classroom)
    assistant = school.assistant
    assistant.role = "teacher"  # lets them into the admin, not into this
    assistant.save()
    for person in (school.other_teacher, assistant):
        response = browser_as(person).post(path, {"_form_submitted": "on"})
        assert response.status_code == 403
    school.classroom.refresh_from_db()
    assert school.classroom.join_code == before


def test_what_autocomplete_finds(school: School) -> None:
    teacher = browser_as(school.teacher)
    found = ids(autocomplete(teacher, "member", "user"))
    people = (school.teacher, school.co_teacher, school.assistant, school.student)
    assert found == {str(person.pk) for person in people}
    assert ids(autocomplete(teacher, "member", "user", school.outsider.email)) == set()
    assert ids(autocomplete(teacher, "member", "classroom")) == {str(school.classroom.pk)}
    staff = {str(school.teacher.pk), str(school.co_teacher.pk)}
    assert ids(autocomplete(teacher, "classroom", "teacher", "school.test")) == staff
    shown = text(autocomplete(teacher, "member", "user", school.student.email))
    assert f"{school.student.name} ({school.student.email})" in shown
    admin = browser_as(school.admin)
    assert ids(autocomplete(admin, "member", "classroom")) == {
        str(school.classroom.pk),
        str(school.other.pk),
    }
    assert autocomplete(browser_as(school.student), "member", "user").status_code in (302, 403)


@pytest.mark.parametrize("rows", [2, 30])
@pytest.mark.parametrize(("path", "queries"), [(CLASSROOMS, 4), (MEMBERS, 4)])
def test_queries_of_the_lists(
    rows: int, path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    teacher = TeacherFactory()
    for _ in range(rows):
        MemberFactory(classroom=ClassroomFactory(teacher=teacher))
    browser = browser_as(teacher)
    with django_assert_num_queries(queries):
        assert browser.get(path).status_code == 200


def _action_path(browser: Client, classroom: Classroom) -> str:
    """The address of the detail action, as its page links to it."""
    page = text(browser.get(f"{CLASSROOMS}{classroom.pk}/change/"))
    start = f"{CLASSROOMS}{classroom.pk}/regenerate"
    found = page[page.index(start) :]
    return found[: found.index('"')]
