"""Users for tests."""

from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from accounts.addresses import addresses_confirm
from accounts.models import Role, User

PASSWORD = "a-Long-test-password-7"


@cache
def _hashed(password: str) -> str:
    """The real hash is slow by design: one for all people with the same password."""
    return make_password(password)


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
        user = User(**{**kwargs, "password": _hashed(kwargs.get("password", PASSWORD))})
        user.save(force_insert=True)
        addresses_confirm([user])
        return user


class TeacherFactory(UserFactory):
    role = Role.TEACHER


class AdminFactory(UserFactory):
    role = Role.ADMIN
