"""schemathesis against the served OpenAPI document, as everyone.

For every operation it makes inputs that the document allows and inputs that it does not. No
answer may be a server error, a status or a media type that is not documented, or a body that
is not of its schema.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from accounts.tests.clients import api_as
from config import limits
from config.wsgi import application
from tests.matrix import PEOPLE, ROWS, key_of
from tests.openapi import document, operations
from tests.scene import Scene

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES = 2  # of each kind, for each operation and person
# Wrong input meets the same checks whoever sends it: these get to all of them.
WRONG_BY = ("", "student", "teacher", "admin")
CSRF_TOKEN = "x" * 32


@cache
def schema() -> Any:
    found = schemathesis.openapi.from_dict(document())
    found.app = application
    return found


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests see what the test has made: they end without closing its connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here is not how often one may ask."""
    monkeypatch.setattr(limits, "RATE_LIMITS", dict.fromkeys(limits.RATE_LIMITS, 10**9))


@pytest.mark.usefixtures("no_limits", "one_connection")
@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p, _ in operations()])
def test_the_document_is_kept(method: str, path: str, scene: Scene) -> None:
    for name in PEOPLE:
        cookies = _cookies(scene.school.person(name) if name else None)
        _run(method, path, GenerationMode.POSITIVE, cookies, scene)
        if name not in WRONG_BY:
            continue
        with suppress(Unsatisfiable):  # what takes no input can't be given a wrong one
            _run(method, path, GenerationMode.NEGATIVE, cookies, scene)


def _run(
    method: str, path: str, mode: GenerationMode, cookies: dict[str, str], scene: Scene
) -> None:
    operation = schema()[path][method]
    target = ROWS[key_of(method, path)].target

    @given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        if target and mode is GenerationMode.POSITIVE:  # a random id would be a 404 each time
            for name in case.path_parameters:
                case.path_parameters[name] = str(scene.ids[target])
        with transaction.atomic():
            response = case.call(headers={"X-CSRFToken": CSRF_TOKEN}, cookies=cookies)
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    ask()


def _cookies(person: User | None) -> dict[str, str]:
    found = {settings.CSRF_COOKIE_NAME: CSRF_TOKEN}
    if person is not None:
        client = api_as(person)
        found[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return found
