"""Every page of the admin, asked by everyone: the table is tests/admin_matrix.py."""

import pytest

from tests.admin_matrix import PAGES, PEOPLE, key_of, open_page, pages
from tests.scene import Scene

pytestmark = pytest.mark.django_db


def test_every_page_has_a_row() -> None:
    found = {key_of(method, name) for method, name, _ in pages()}
    assert found - set(PAGES) == set(), "these pages need a row"
    assert set(PAGES) - found == set(), "these rows have no page"


@pytest.mark.parametrize("key", PAGES)
def test_who_may(key: str, scene: Scene) -> None:
    answers = {person: open_page(key, scene, person) for person in PEOPLE}
    assert answers == dict(zip(PEOPLE, PAGES[key].outcomes.split(), strict=True))
