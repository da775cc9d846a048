"""Who sees whom costs what the class is large, not its square."""

import json
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms.models import Classroom, Member
from classrooms.tests.factories import ClassroomFactory, MemberFactory

pytestmark = pytest.mark.django_db


def test_people_of_the_same_classes() -> None:
    mine, other = ClassroomFactory(), ClassroomFactory()
    me, classmate, stranger = UserFactory.create_batch(3)
    for user in (me, classmate):
        MemberFactory(classroom=mine, user=user)
    MemberFactory(classroom=other, user=stranger)
    assert set(User.objects.visible_to(me)) == {me, classmate, mine.teacher}
    assert set(User.objects.visible_to(mine.teacher)) == {me, classmate, mine.teacher}
    assert set(User.objects.visible_to(TeacherFactory())) == set(User.objects.none()) | {
        User.objects.latest("created_at")
    }


def test_rows_that_the_database_looks_at() -> None:
    """Counted by the plan as it ran, for a class of 100 and of 1,000."""
    touched = []
    for members in (100, 1000):
        classroom: Classroom = ClassroomFactory()
        people = User.objects.bulk_create(UserFactory.build_batch(members))
        Member.objects.bulk_create(Member(classroom=classroom, user=user) for user in people)
        plan = User.objects.visible_to(people[0]).explain(analyze=True, format="json")
        touched.append(_rows(json.loads(plan)[0]["Plan"]))
    assert touched[1] < 20 * touched[0]  # ten times the people: a square would be a hundred


def _rows(plan: dict[str, Any]) -> float:
    own = plan["Actual Rows"] * plan["Actual Loops"]
    return float(own + sum(_rows(part) for part in plan.get("Plans", ())))
