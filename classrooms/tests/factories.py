"""Classrooms for tests."""

import factory
from factory.django import DjangoModelFactory

from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms.models import Classroom, Member


class ClassroomFactory(DjangoModelFactory):
    """A class with a teacher and a join code, and no members."""

    class Meta:
        model = Classroom

    name = factory.Sequence(lambda n: f"Class {n}")
    subject = "Mathematics"
    teacher = factory.SubFactory(TeacherFactory)
    join_code = factory.Sequence(lambda n: f"CODE{n:04d}")


class MemberFactory(DjangoModelFactory):
    """A student in a class."""

    class Meta:
        model = Member

    classroom = factory.SubFactory(ClassroomFactory)
    user = factory.SubFactory(UserFactory)
