"""Users for tests."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import Role, User, UserPreferences

PASSWORD = "a-Long-test-password-7"


class UserFactory(DjangoModelFactory):
    """A student with preferences, whose password is PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@school.test")
    name = factory.Faker("name")
    role = Role.STUDENT

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        user = User.objects.create_user(password=password, **kwargs)
        UserPreferences.objects.create(user=user)
        return user


class TeacherFactory(UserFactory):
    role = Role.TEACHER


class AdminFactory(UserFactory):
    role = Role.ADMIN
