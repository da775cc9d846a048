"""Health checks."""

from typing import Any

import pytest
from django.test import Client

from config.tests.test_problems import closed_port


def test_live_touches_no_store(settings: Any) -> None:
    """It has no database mark: a query would fail the test."""
    settings.CACHES = closed_port()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_the_stores_answer() -> None:
    response = Client().get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "stores": {"postgresql": "ok", "redis": "ok"}}


@pytest.mark.django_db
def test_not_ready_without_redis(settings: Any) -> None:
    settings.CACHES = closed_port()
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert response.json()["stores"] == {"postgresql": "ok", "redis": "unavailable"}
