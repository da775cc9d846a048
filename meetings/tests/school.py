"""A class with its people, and a stranger with a class of their own."""

from dataclasses import dataclass

from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AdminFactory
from classrooms.models import Classroom, MemberRole
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from meetings.models import Meeting
from meetings.tests.factories import MeetingFactory

MANAGERS = ("teacher", "assistant", "admin")
OTHERS = ("student", "other_teacher", "stranger")
OUTSIDERS = ("other_teacher", "stranger")


def api_client(user: User) -> APIClient:
    """A client of the API, signed in."""
    client = APIClient()
    client.force_login(user)
    return client


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
    """A school in the database; nobody in it has a password, whose hashing takes time."""
    meeting = MeetingFactory(classroom__teacher__password=None)
    other = ClassroomFactory(teacher__password=None)
    assistant = MemberFactory(
        classroom=meeting.classroom, role=MemberRole.ASSISTANT, user__password=None
    )
    student = MemberFactory(classroom=meeting.classroom, user__name="Ada", user__password=None)
    return School(
        classroom=meeting.classroom,
        meeting=meeting,
        teacher=meeting.classroom.teacher,
        assistant=assistant.user,
        student=student.user,
        admin=AdminFactory(password=None),
        other_classroom=other,
        other_teacher=other.teacher,
        stranger=MemberFactory(classroom=other, user__password=None).user,
    )
