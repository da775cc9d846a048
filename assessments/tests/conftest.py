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


@pytest.fixture
def session(db: None) -> Any:
    """A proctored attempt's running session, begun at NOW, whose live part is open."""
    from django.test import TestCase

    from assessments import services
    from assessments.models import ProctorSession
    from assessments.tests.factories import NOW, make_assessment, make_student

    assessment = make_assessment(is_proctored=True)
    student = make_student(assessment.classroom)
    with TestCase.captureOnCommitCallbacks(execute=True):
        attempt = services.attempt_start(user=student, assessment=assessment, now=NOW)
    return ProctorSession.objects.select_related("attempt").get(attempt=attempt)
