"""Making classes, joining and leaving them."""

from typing import Any

import pytest

from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from classrooms import services
from classrooms.models import JOIN_CODE_LENGTH, Classroom, Member
from classrooms.selectors import classroom_by_code_or_id, classroom_ids_of
from classrooms.tests.factories import MemberFactory
from classrooms.tests.people import School, make_school
from config.errors import InvalidInput, NotAllowed, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


def test_a_new_class_has_a_code_that_can_be_read_aloud() -> None:
    teacher = TeacherFactory()
    made = services.classroom_create(actor=teacher, name="Algebra", subject="Mathematics")
    found = Classroom.objects.get(pk=made.pk)
    assert (found.teacher, found.name, found.subject) == (teacher, "Algebra", "Mathematics")
    assert (found.is_active, found.description) == (True, None)
    assert found.join_code is not None
    assert len(found.join_code) == JOIN_CODE_LENGTH
    assert not set(found.join_code) & set("01OIL")


@pytest.mark.parametrize("change", [{"name": ""}, {"name": "x" * 201}, {"subject": "x" * 101}])
def test_a_class_that_is_not_valid(change: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        services.classroom_create(actor=TeacherFactory(), **{"name": "Algebra", **change})
    assert set(caught.value.errors) == set(change)
    assert not Classroom.objects.exists()


def test_who_makes_classes() -> None:
    admin, teacher, student = AdminFactory(), TeacherFactory(), UserFactory()
    with pytest.raises(NotAllowed):
        services.classroom_create(actor=student, name="Mine")
    with pytest.raises(NotAllowed):
        services.classroom_create(actor=teacher, name="Yours", teacher=TeacherFactory())
    made = services.classroom_create(actor=admin, name="Theirs", teacher=teacher)
    assert made.teacher == teacher
    with pytest.raises(InvalidInput):
        services.classroom_create(actor=admin, name="Nobody's", teacher=student)


@pytest.mark.parametrize("name", ["admin", "teacher", "co_teacher"])
def test_who_changes_a_class(school: School, name: str) -> None:
    services.classroom_update(
        actor=school.person(name), classroom=school.classroom, name="Geometry", is_active=False
    )
    school.classroom.refresh_from_db()
    assert (school.classroom.name, school.classroom.is_active) == ("Geometry", False)


@pytest.mark.parametrize("name", ["assistant", "student", "other_teacher", "outsider"])
def test_who_does_not(school: School, name: str) -> None:
    person, classroom = school.person(name), school.classroom
    newcomer = UserFactory()
    calls: list[Any] = [
        lambda: services.classroom_update(actor=person, classroom=classroom, name="Mine"),
        lambda: services.classroom_delete(actor=person, classroom=classroom),
        lambda: services.join_code_regenerate(actor=person, classroom=classroom),
        lambda: services.member_add(actor=person, classroom=classroom, user=newcomer),
        lambda: services.member_add_by_email(actor=person, classroom=classroom, email="x@y.z"),
        lambda: services.member_remove(
            actor=person, member=Member.objects.get(user=school.co_teacher)
        ),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()
    classroom.refresh_from_db()
    assert classroom.name == "Algebra"
    assert classroom.members.count() == 3


def test_only_an_admin_gives_a_class_to_another_teacher(school: School) -> None:
    classroom = school.classroom
    for person in (school.teacher, school.co_teacher):
        with pytest.raises(NotAllowed):
            services.classroom_update(
                actor=person, classroom=classroom, teacher=school.other_teacher
            )
    # A form has the new teacher in the object already: what is stored decides.
    classroom.teacher = school.other_teacher
    with pytest.raises(NotAllowed):
        services.classroom_update(actor=school.other_teacher, classroom=classroom, name="Mine")
    services.classroom_update(actor=school.admin, classroom=classroom, teacher=school.other_teacher)
    classroom.refresh_from_db()
    assert classroom.teacher == school.other_teacher
    with pytest.raises(InvalidInput):
        services.classroom_update(actor=school.admin, classroom=classroom, teacher=school.student)


def test_only_admins_delete_classes(school: School) -> None:
    with pytest.raises(NotAllowed):
        services.classroom_delete(actor=school.teacher, classroom=school.classroom)
    services.classroom_delete(actor=school.admin, classroom=school.classroom)
    assert set(Classroom.objects.all()) == {school.other}
    assert not Member.objects.filter(user=school.student).exists()


def test_whose_material_one_may_search(school: School) -> None:
    for name in ("teacher", "co_teacher", "assistant", "student"):
        assert classroom_ids_of(school.person(name)) == [school.classroom.pk]
    assert classroom_ids_of(school.admin) == []
    both = MemberFactory(classroom=school.classroom, user=school.outsider).user
    assert set(classroom_ids_of(both)) == {school.classroom.pk, school.other.pk}
    services.classroom_update(actor=school.teacher, classroom=school.classroom, is_active=False)
    assert classroom_ids_of(school.student) == []


def test_finding_a_class_for_a_command(school: School) -> None:
    code, pk = school.classroom.join_code, str(school.classroom.pk)
    for reference in (code, code.lower(), pk):
        assert classroom_by_code_or_id(reference) == school.classroom
    for reference in ("", "nothing", "7f7e1bd4-2f2e-4a57-8d3b-6f7f5be7b1a7"):
        with pytest.raises(NotFound):
            classroom_by_code_or_id(reference)
