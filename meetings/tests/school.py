"""A class with its people, and a stranger with a class of their own."""

from dataclasses import dataclass

from accounts.models import User
from accounts.tests.factories import AdminFactory, UserFactory
from classrooms.models import Classroom, MemberRole
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from meetings.models import Meeting
from meetings.tests.factories import MeetingFactory

MANAGERS = ("teacher", "assistant", "admin")
OTHERS = ("student", "other_teacher", "stranger")
OUTSIDERS = ("other_teacher", "stranger")


@dataclass(frozen=True)
class School:
    """`stranger` is a student of `other_classroom`, which has another teacher."""

    classroom: Classroom
    meeting: Meeting
    teacher: User
    assistant: User
    student: User
    admin: User
    other_classroom: Classroom
    other_teacher: User
    stranger: User

    def person(self, name: str) -> User:
        """One of MANAGERS or OTHERS."""
        found: User = getattr(self, name)
        return found


def school_make() -> School:
    """A school in the database."""
    meeting = MeetingFactory()
    other = ClassroomFactory()
    return School(
        classroom=meeting.classroom,
        meeting=meeting,
        teacher=meeting.classroom.teacher,
        assistant=MemberFactory(classroom=meeting.classroom, role=MemberRole.ASSISTANT).user,
        student=MemberFactory(classroom=meeting.classroom, user=UserFactory(name="Ada")).user,
        admin=AdminFactory(),
        other_classroom=other,
        other_teacher=other.teacher,
        stranger=MemberFactory(classroom=other).user,
    )
