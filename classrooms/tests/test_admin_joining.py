"""Codes, join rules, join requests, archive and scoping in the admin."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.clients import browser_as
from accounts.tests.factories import UserFactory
from analytics.models import ActivityLogRow
from classrooms import services
from classrooms.models import Classroom, JoinRequest, JoinRules, Member
from classrooms.tests.admin_pages import CLASSROOMS, MEMBERS, text
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from classrooms.tests.people import School, make_school

pytestmark = pytest.mark.django_db

REQUESTS = "/admin/classrooms/joinrequest/"


@pytest.fixture
def school() -> School:
    return make_school()


def form_of(classroom: Classroom, **changes: Any) -> dict[str, Any]:
    return {
        "name": classroom.name,
        "subject": classroom.subject or "",
        "description": "",
        "is_active": "true",
        "members-TOTAL_FORMS": "0",
        "members-INITIAL_FORMS": "0",
        "join_rules-TOTAL_FORMS": "0",
        "join_rules-INITIAL_FORMS": "0",
        **changes,
    }


def change(classroom: Classroom) -> str:
    return f"{CLASSROOMS}{classroom.pk}/change/"


def test_the_rules_are_edited_on_the_classs_page(school: School) -> None:
    browser = browser_as(school.teacher)
    rules = {
        "join_rules-TOTAL_FORMS": "1",
        "join_rules-0-classroom": str(school.classroom.pk),
        "join_rules-0-requires_approval": "on",
    }
    form = form_of(school.classroom, **rules)  # enabled is not ticked
    assert browser.post(change(school.classroom), form).status_code == 302
    found = JoinRules.objects.get(classroom=school.classroom)
    assert (found.enabled, found.requires_approval) == (False, True)
    past = {
        "join_rules-INITIAL_FORMS": "1",
        "join_rules-0-expires_at_0": "2020-01-01",
        "join_rules-0-expires_at_1": "10:00:00",
    }
    response = browser.post(change(school.classroom), {**form, **past}, follow=True)
    assert "This is past" in text(response)
    found.refresh_from_db()
    assert found.expires_at is None


def test_the_code_for_the_projector(school: School) -> None:
    path = f"{CLASSROOMS}{school.classroom.pk}/show-code/"
    page = text(browser_as(school.teacher).get(path))
    assert school.classroom.join_code in page
    assert "Algebra" in page
    services.join_rules_update(actor=school.teacher, classroom=school.classroom, enabled=False)
    page = text(browser_as(school.teacher).get(path))
    assert school.classroom.join_code not in page
    assert "switched off" in page
    assert browser_as(school.other_teacher).get(path).status_code in (302, 404)


def test_the_inline_goes_through_the_services(
    school: School, django_capture_on_commit_callbacks: Any
) -> None:
    browser = browser_as(school.admin)
    newcomer, gone = UserFactory(), MemberFactory(classroom=school.classroom)
    inline = {
        "teacher": str(school.teacher.pk),
        "members-TOTAL_FORMS": "3",
        "members-INITIAL_FORMS": "2",
        "members-0-id": str(school.membership.pk),
        "members-0-classroom": str(school.classroom.pk),
        "members-0-role": "assistant",
        "members-1-id": str(gone.pk),
        "members-1-classroom": str(school.classroom.pk),
        "members-1-role": "student",
        "members-1-DELETE": "on",
        "members-2-classroom": str(school.classroom.pk),
        "members-2-user": str(newcomer.pk),
        "members-2-role": "student",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(change(school.classroom), form_of(school.classroom, **inline))
    assert response.status_code == 302, response.context["errors"]
    school.membership.refresh_from_db()
    assert (school.membership.user, school.membership.role) == (school.student, "assistant")
    people = set(school.classroom.members.values_list("user", flat=True))
    assert newcomer.pk in people
    assert gone.user_id not in people
    actions = set(ActivityLogRow.objects.values_list("action", flat=True))
    assert {"member_add", "member_update", "member_remove"} <= actions
    # A rule of the services: a student is no co-teacher.
    inline = {key: value for key, value in inline.items() if "members-0" in key or key == "teacher"}
    inline |= {"members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "1"}
    inline["members-0-role"] = "teacher"
    response = browser.post(
        change(school.classroom), form_of(school.classroom, name="New", **inline), follow=True
    )
    assert "Only a teacher of the school" in text(response)
    school.classroom.refresh_from_db()
    assert school.classroom.name == "Algebra"  # all or nothing


def test_requests_are_approved_and_rejected(school: School) -> None:
    mine = [
        JoinRequest.objects.create(classroom=school.classroom, user=UserFactory()) for _ in "ab"
    ]
    foreign = JoinRequest.objects.create(classroom=school.other, user=UserFactory())
    browser = browser_as(school.teacher)
    page = text(browser.get(REQUESTS))
    assert mine[0].user.email in page
    assert foreign.user.email not in page
    assert "Biology" not in page
    chosen = [str(request.pk) for request in (mine[0], foreign)]
    browser.post(REQUESTS, {"action": "approve_selected", "_selected_action": chosen})
    assert Member.objects.filter(user=mine[0].user, classroom=school.classroom).exists()
    assert not Member.objects.filter(user=foreign.user).exists()
    chosen = [str(request.pk) for request in (mine[1], foreign)]
    browser.post(REQUESTS, {"action": "reject_selected", "_selected_action": chosen})
    assert list(JoinRequest.objects.all()) == [foreign]
    for page_name in ("change", "delete", "history"):
        response = browser.get(f"{REQUESTS}{foreign.pk}/{page_name}/")
        assert response.status_code in (302, 403)
    assert browser.get(f"{REQUESTS}add/").status_code == 403


def test_an_assistant_lets_nobody_in(school: School) -> None:
    User.objects.filter(pk=school.assistant.pk).update(role="teacher")
    school.assistant.refresh_from_db()
    request = JoinRequest.objects.create(classroom=school.classroom, user=UserFactory())
    browser = browser_as(school.assistant)
    assert request.user.email in text(browser.get(REQUESTS))
    for action in ("approve_selected", "reject_selected"):
        browser.post(REQUESTS, {"action": action, "_selected_action": [str(request.pk)]})
    assert JoinRequest.objects.filter(pk=request.pk).exists()
    assert not Member.objects.filter(user=request.user).exists()


def test_archive_and_restore(school: School) -> None:
    browser = browser_as(school.teacher)
    chosen = [str(school.classroom.pk), str(school.other.pk)]
    browser.post(CLASSROOMS, {"action": "archive_selected", "_selected_action": chosen})
    active = dict(Classroom.objects.values_list("name", "is_active"))
    assert active == {"Algebra": False, "Biology": True}
    assert "Restore" in text(browser.get(change(school.classroom)))
    browser.post(CLASSROOMS, {"action": "restore_selected", "_selected_action": chosen})
    assert Classroom.objects.get(name="Algebra").is_active


def test_removing_says_that_the_code_still_works_or_changes_it(school: School) -> None:
    browser = browser_as(school.teacher)
    before = school.classroom.join_code
    response = browser.post(
        f"{MEMBERS}{school.membership.pk}/delete/", {"post": "yes"}, follow=True
    )
    assert "can come back by the code" in text(response)
    back = MemberFactory(classroom=school.classroom, user=school.student)
    response = browser.post(
        MEMBERS,
        {"action": "remove_and_change_code", "_selected_action": [str(back.pk)]},
        follow=True,
    )
    school.classroom.refresh_from_db()
    assert school.classroom.join_code != before
    assert f"is {school.classroom.join_code}" in text(response)
    assert not Member.objects.filter(pk=back.pk).exists()


def test_filters_show_only_ones_own_subjects_and_classes(school: School) -> None:
    Classroom.objects.filter(pk=school.other.pk).update(subject="Secret subject")
    for browser in (browser_as(school.teacher), browser_as(school.co_teacher)):
        page = text(browser.get(CLASSROOMS))
        assert "Mathematics" in page
        assert "Secret subject" not in page
        for path in (MEMBERS, REQUESTS, "/admin/classrooms/rosterimport/"):
            assert "Biology" not in text(browser.get(path)), path
    assert "Secret subject" in text(browser_as(school.admin).get(CLASSROOMS))
    found = text(browser_as(school.teacher).get(CLASSROOMS, {"subject": "Secret subject"}))
    assert "Biology" not in found


def test_queries_of_a_classs_page_do_not_grow_with_its_members() -> None:
    counts = []
    for members in (5, 45, 120):
        classroom = ClassroomFactory()
        for _ in range(members):
            MemberFactory(classroom=classroom)
        browser = browser_as(classroom.teacher)
        browser.get(change(classroom))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(change(classroom)).status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("rows", [2, 300])
@pytest.mark.parametrize(("path", "queries"), [(CLASSROOMS, 4), (MEMBERS, 4), (REQUESTS, 4)])
def test_queries_of_the_lists(
    rows: int, path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    classroom = ClassroomFactory()
    users = User.objects.bulk_create([User(email=f"r{n}@school.test") for n in range(rows)])
    JoinRequest.objects.bulk_create([JoinRequest(classroom=classroom, user=u) for u in users])
    Member.objects.bulk_create([Member(classroom=classroom, user=u) for u in users])
    browser = browser_as(classroom.teacher)
    with django_assert_num_queries(queries):
        assert browser.get(path).status_code == 200
