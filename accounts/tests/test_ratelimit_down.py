"""Rate limits while Redis is down, hangs, or comes back."""

import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django_redis import get_redis_connection

from accounts import ratelimit
from accounts.ratelimit import rate_limit_hit, rate_limit_peek
from accounts.ratelimit_process import ProcessCounters
from config import limits
from config.errors import RateLimitExceeded, StoreUnavailable

# Redis is spoken to here: once more on the real server.
pytestmark = pytest.mark.contract

DOWN = "redis://127.0.0.1:1/0"


@pytest.fixture
def down(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ratelimit, "_in_process", ProcessCounters())
    monkeypatch.setattr(ratelimit, "_outage", ratelimit.Outage())
    up = settings.CACHES
    settings.CACHES = {"default": {**up["default"], "LOCATION": DOWN}}
    yield
    settings.CACHES = up


@pytest.mark.parametrize("endpoint", sorted(limits.RATE_LIMITS))
def test_without_redis_the_strict_ones_refuse_and_the_others_are_counted_here(
    down: None, endpoint: str
) -> None:
    if endpoint in limits.RATE_LIMITS_STRICT:
        for ask in (rate_limit_hit, rate_limit_peek):
            with pytest.raises(StoreUnavailable):
                ask(identity="someone", endpoint=endpoint)
        return
    limit = limits.RATE_LIMITS[endpoint]
    states = [rate_limit_hit(identity="someone", endpoint=endpoint) for _ in range(limit)]
    assert [state.remaining for state in states] == list(range(limit - 1, -1, -1))
    assert 1 <= states[-1].reset <= 60
    with pytest.raises(RateLimitExceeded) as caught:
        rate_limit_hit(identity="someone", endpoint=endpoint)
    assert 1 <= caught.value.retry_after <= 60
    rate_limit_hit(identity="someone else", endpoint=endpoint)


def test_an_outage_is_logged_once_and_so_is_its_end(
    settings: Any, down: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "accounts")
    for _ in range(20):
        rate_limit_hit(identity="someone", endpoint="search")
    assert len(caplog.records) == 1
    with pytest.raises(StoreUnavailable):
        rate_limit_hit(identity="someone", endpoint="login")
    assert len(caplog.records) == 1


def test_when_redis_is_back_it_counts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMIT_PAUSE", 0.2)
    monkeypatch.setattr(ratelimit, "_in_process", ProcessCounters())
    ratelimit._outage.noticed(ConnectionError("gone"))
    redis = get_redis_connection("default")
    assert rate_limit_hit(identity="someone", endpoint="search").count == 1
    assert redis.keys("ratelimit:*") == []
    time.sleep(0.25)
    rate_limit_hit(identity="someone", endpoint="search")
    assert redis.get("ratelimit:someone:search") == b"1"


@contextmanager
def hanging_server() -> Iterator[int]:
    """Takes connections and says nothing; gives its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield server.getsockname()[1]


def test_a_redis_that_hangs_is_not_waited_for_long(settings: Any, down: None) -> None:
    with hanging_server() as port:
        settings.CACHES = {
            "default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{port}/0"}
        }
        started = time.monotonic()
        for _ in range(50):
            rate_limit_hit(identity="someone", endpoint="search")
        assert time.monotonic() - started < 3 * limits.RATE_LIMIT_TIMEOUT


def test_the_counters_of_a_process_are_bounded_and_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMIT_COUNTERS", 100)
    counters = ProcessCounters()
    for number in range(1000):
        counters.count(f"key {number}", 1)
    assert len(counters) == 100
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: counters.count("one", 1), range(2000)))
    assert counters.count("one", 0)[0] == 2000


def test_a_window_of_a_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMIT_WINDOW", 0.1)
    counters = ProcessCounters()
    assert counters.count("one", 1)[0] == 1
    assert counters.count("one", 1)[0] == 2
    time.sleep(0.15)
    assert counters.count("one", 1)[0] == 1
    assert len(counters) == 1
