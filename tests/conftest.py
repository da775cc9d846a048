"""Fixtures of the tests that look at the whole platform.

pytest loads this before the settings are there, so what needs models is imported when it is used.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture(scope="module")
def module_scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """One `tests.scene.Scene` for all tests of a module that take back what they do."""
    from tests.scene import make_scene

    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene()
        transaction.set_rollback(True)


@pytest.fixture
def scene(module_scene: Any, db: None) -> Any:
    """The module's scene, with what it has in Redis, which every test begins without."""
    from assessments.live import live_open
    from assessments.models import ProctorSession

    live_open(ProctorSession.objects.get(pk=module_scene.ids["session"]))
    return module_scene
