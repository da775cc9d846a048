"""Every operation of the OpenAPI document, asked by everyone: the table is tests/matrix.py."""

import pytest

from classrooms.tests.factories import MemberFactory
from tests.matrix import PEOPLE, ROWS, ask, key_of
from tests.openapi import operations
from tests.scene import Scene

pytestmark = pytest.mark.django_db

# What belongs to a student is nothing to the others of the class.
PERSONAL = ("attempt", "submission", "session", "chat", "progress")


def test_every_endpoint_has_a_row() -> None:
    found = {key_of(method, path) for method, path, _ in operations()}
    assert found - set(ROWS) == set(), "these endpoints need a row"
    assert set(ROWS) - found == set(), "these rows have no endpoint"


@pytest.mark.parametrize("key", ROWS)
def test_who_may(key: str, scene: Scene) -> None:
    people = [scene.school.person(name) if name else None for name in PEOPLE]
    answers = [ask(key, scene, person) for person in people]
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(
        zip(PEOPLE, map(int, ROWS[key].statuses.split()), strict=True)
    )


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if row.target in PERSONAL])
def test_a_classmate_may_not(key: str, scene: Scene) -> None:
    MemberFactory(classroom=scene.classroom, user=scene.newcomer)
    assert ask(key, scene, scene.newcomer) == 404
