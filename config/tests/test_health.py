"""Health checks and metrics."""

import json
import socket
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Role
from accounts.tests.factories import UserFactory
from config import limits, store_settings
from config.connections.redis import MeasuredPool
from config.stores import stores
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
    assert response.json()["status"] == "unavailable"


@pytest.mark.django_db
def test_optional_engines_that_are_down_are_named(settings: Any) -> None:
    settings.STORES = {
        **store_settings.EMBEDDED,
        **store_settings.mongodb_stores("mongodb://127.0.0.1:1/lectern"),
        **store_settings.cassandra_stores("cassandra://127.0.0.1:1"),
    }
    stores.close()
    try:
        response = Client().get("/health/ready")
    finally:
        stores.close()
    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "stores": {
            "postgresql": "ok",
            "redis": "ok",
            "mongodb": "unavailable",
            "cassandra": "unavailable",
        },
    }


@pytest.mark.django_db
def test_an_engine_that_is_configured_wrongly_is_down_like_any_other(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STORES = {
        **store_settings.EMBEDDED,
        **store_settings.cassandra_stores("cassandra://127.0.0.1", consistency="MOST"),
    }
    stores.close()
    try:
        response = Client().get("/health/ready")
        with pytest.raises(SystemExit) as ended:
            call_command("check_stores", "--json")
    finally:
        stores.close()
    assert (response.status_code, response.json()["stores"]["cassandra"]) == (200, "unavailable")
    assert ended.value.code == 1
    rows = {row["store"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["transcripts"]["up"] and not rows["events"]["up"]
    assert "CASSANDRA_CONSISTENCY" in rows["events"]["error"]


@pytest.mark.django_db
def test_an_engine_that_never_answers_holds_nobody_up(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings.STORES = {
            **store_settings.EMBEDDED,
            **store_settings.cassandra_stores(f"cassandra://127.0.0.1:{port}"),
        }
        stores.close()
        started = time.monotonic()
        for _ in range(2):
            response = Client().get("/health/ready")
            assert response.json()["stores"]["cassandra"] == "unavailable"
            assert response.status_code == 200
        assert time.monotonic() - started < 4 * limits.HEALTH_TIMEOUT
    stores.close()


class TestMetrics:
    def lines(self, **headers: str) -> list[str]:
        response = Client().get("/metrics", headers=headers)
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain")
        return response.content.decode().splitlines()

    @pytest.mark.django_db
    def test_are_for_the_token_and_for_admins(self, settings: Any) -> None:
        client = Client()
        for token in ("", "Bearer ", "Bearer wrong", "Basic secret"):
            assert client.get("/metrics", headers={"authorization": token}).status_code == 403
        settings.METRICS_TOKEN = "secret"
        assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 403
        assert client.get("/metrics", headers={"authorization": "secret"}).status_code == 403
        assert self.lines(authorization="Bearer secret")
        for role, status in ((Role.STUDENT, 403), (Role.TEACHER, 403), (Role.ADMIN, 200)):
            client.force_login(UserFactory(role=role))
            assert client.get("/metrics").status_code == status

    @pytest.mark.django_db
    def test_show_the_pool_of_redis(self, settings: Any) -> None:
        settings.METRICS_TOKEN = "secret"
        found = "\n".join(self.lines(authorization="Bearer secret"))
        assert 'lectern_pool_limit{engine="redis",pool="default",' in found
        assert f"}} {limits.REDIS_MAX_CONNECTIONS}.0" in found
        assert 'state="in_use"} 0.0' in found


def test_a_full_pool_of_redis_counts_its_waits(settings: Any) -> None:
    pool = MeasuredPool.from_url(settings.REDIS_URL, max_connections=1, timeout=0.2)
    held = pool.get_connection()
    state = pool.state("x")
    assert (state.size, state.in_use, state.limit, state.waits) == (1, 1, 1, 0)
    with pytest.raises(Exception, match="No connection available"):
        pool.get_connection()
    pool.release(held)
    state = pool.state("x")
    assert (state.in_use, state.waiting, state.waits) == (0, 0, 1)
    assert state.wait_seconds is not None and state.wait_seconds >= 0.2
    pool.disconnect()
