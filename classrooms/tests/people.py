"""A school with two classes, and everyone who may or may not do something in the first."""

from dataclasses import dataclass

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from classrooms.models import Classroom, Member, MemberRole
from classrooms.tests.factories import ClassroomFactory, MemberFactory

RUNNERS = ("admin", "teacher", "co_teacher", "assistant")


@dataclass(frozen=True)
class School:
    """`classroom` has a teacher, a co-teacher, an assistant and a student; `other` has none
    of them but a teacher and a student of its own."""

    classroom: Classroom
    other: Classroom
    admin: User
    teacher: User
    co_teacher: User
    assistant: User
    student: User
    other_teacher: User
    outsider: User
    membership: Member

    def person(self, name: str) -> User:
        found = getattr(self, name)
        assert isinstance(found, User)
        return found


def make_school() -> School:
    classroom, other = ClassroomFactory(name="Algebra"), ClassroomFactory(name="Biology")
    co_teacher, assistant, student, outsider = TeacherFactory(), *UserFactory.create_batch(3)
    MemberFactory(classroom=classroom, user=co_teacher, role=MemberRole.TEACHER)
    MemberFactory(classroom=classroom, user=assistant, role=MemberRole.ASSISTANT)
    membership = MemberFactory(classroom=classroom, user=student)
    MemberFactory(classroom=other, user=outsider)
    return School(
        classroom=classroom,
        other=other,
        admin=AdminFactory(),
        teacher=classroom.teacher,
        co_teacher=co_teacher,
        assistant=assistant,
        student=student,
        other_teacher=other.teacher,
        outsider=outsider,
        membership=membership,
    )
