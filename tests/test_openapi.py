"""The OpenAPI document: made without a warning, valid as OpenAPI 3.1, and served."""

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import OpenAPIV31SpecValidator
from rest_framework.test import APIClient

from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from tests.openapi import document, operations

pytestmark = pytest.mark.django_db

# Answers that nobody is signed in any more: a 401.
SIGN_OUT = ("DELETE", "/_allauth/browser/v1/auth/session")


def test_it_is_made_without_warnings() -> None:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        document.cache_clear()
        document()
    assert [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache] == []


def test_it_is_valid() -> None:
    found = document()
    assert found["openapi"] == "3.1.0"
    errors = [error.message for error in OpenAPIV31SpecValidator(found).iter_errors()]
    assert errors == []


def test_every_operation_documents_its_problems() -> None:
    for method, path, operation in operations():
        responses = operation["responses"]
        for status in ("401", "429", "503"):
            content = responses[status]["content"]
            assert list(content) == ["application/problem+json"], (method, path, status)
        assert ("404" in responses) or "{" not in path, (method, path)
        if (method, path) == SIGN_OUT:
            continue
        assert any(status.startswith("2") for status in responses), (method, path)


def test_every_operation_has_a_name_and_words() -> None:
    names: list[Any] = []
    for method, path, operation in operations():
        assert operation.get("description") or operation.get("summary"), (method, path)
        names.append(operation["operationId"])
    assert len(names) == len(set(names))
    assert not [name for name in names if name.endswith(tuple("23456789"))]


def test_it_is_served_with_its_pages() -> None:
    anonymous, client = APIClient(), api_as(UserFactory())
    for path in ("/api/v1/schema", "/api/v1/docs"):
        assert client.get(path).status_code == 200
        assert anonymous.get(path).status_code in (200, 401)
    assert client.get("/api/v1/schema?format=json").json()["openapi"] == "3.1.0"
