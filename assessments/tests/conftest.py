"""What the tests of assessments share.

pytest loads this file before the engines run and Django is set up: models are imported in
the fixtures.
"""

from typing import Any

import pytest


@pytest.fixture
def assessment(db: None) -> Any:
    """A published quiz with one question of each type, without limits."""
    from assessments.tests.factories import make_assessment

    return make_assessment()


@pytest.fixture
def student(assessment: Any) -> Any:
    """A student of the quiz's class."""
    from assessments.tests.factories import make_student

    return make_student(assessment.classroom)
