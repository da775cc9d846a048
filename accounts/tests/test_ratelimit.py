"""The rate limiter of the specification, atomic."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django_redis import get_redis_connection

from accounts import ratelimit, scripts
from accounts.ratelimit import caller_identity, rate_limit_hit, rate_limit_peek
from accounts.ratelimit_process import ProcessCounters
from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from config import limits
from config.errors import RateLimitExceeded, StoreUnavailable

# Redis is spoken to here: once more on the real server.
pytestmark = pytest.mark.contract


def test_the_key_and_its_life() -> None:
    redis = get_redis_connection("default")
    state = rate_limit_hit(identity="someone", endpoint="search")
    assert (state.count, state.remaining) == (1, limits.RATE_LIMITS["search"] - 1)
    assert redis.get("ratelimit:someone:search") == b"1"
    assert 0 < redis.ttl("ratelimit:someone:search") <= limits.RATE_LIMIT_WINDOW == 60


def test_a_counter_without_an_end_gets_one() -> None:
    """What INCR and EXPIRE of a client that died between them would leave."""
    redis = get_redis_connection("default")
    redis.set("ratelimit:someone:search", 5)
    rate_limit_hit(identity="someone", endpoint="search")
    assert redis.get("ratelimit:someone:search") == b"6"
    assert 0 < redis.ttl("ratelimit:someone:search") <= 60


def test_hits_do_not_prolong_the_window() -> None:
    redis = get_redis_connection("default")
    rate_limit_hit(identity="someone", endpoint="search")
    redis.expire("ratelimit:someone:search", 7)
    assert rate_limit_hit(identity="someone", endpoint="search").reset <= 7
    assert redis.ttl("ratelimit:someone:search") <= 7


def hits(count: int) -> int:
    """How many of `count` concurrent clients with connections of their own pass."""

    def hit(_: int) -> bool:
        try:
            rate_limit_hit(identity="crowd", endpoint="search")
        except RateLimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(count) as threads:
        return sum(threads.map(hit, range(count)))


def test_two_hundred_clients_pass_exactly_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.RATE_LIMITS, "search", 50)
    monkeypatch.setattr(limits, "REDIS_MAX_CONNECTIONS", 200)
    monkeypatch.setattr(limits, "RATE_LIMIT_TIMEOUT", 30)
    scripts._impatient.cache_clear()
    try:
        assert hits(200) == 50
    finally:
        scripts._impatient.cache_clear()
    assert get_redis_connection("default").get("ratelimit:crowd:search") == b"200"


# One of several processes: it waits until all are there, then counts.
_CLIENT = """
import sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from accounts import ratelimit, scripts
from accounts.ratelimit import caller_identity, rate_limit_hit, rate_limit_peek
from accounts.ratelimit_process import ProcessCounters
from config import limits
from config.errors import RateLimitExceeded, StoreUnavailable
limits.RATE_LIMITS["search"] = 50
limits.RATE_LIMIT_TIMEOUT = 30
def hit(_):
    try:
        rate_limit_hit(identity="crowd", endpoint="search")
    except RateLimitExceeded:
        return 0
    return 1
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(50) as threads:
    print(sum(threads.map(hit, range(50))))
"""


def test_clients_of_several_processes_pass_exactly_the_limit() -> None:
    clients = [
        subprocess.Popen(
            [sys.executable, "-c", _CLIENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ(),
        )
        for _ in range(4)
    ]
    for client in clients:
        assert client.stdout is not None and client.stdout.readline() == "ready\n"
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()
    passed = [int(client.communicate(timeout=60)[0]) for client in clients]
    assert sum(passed) == 50
    assert get_redis_connection("default").get("ratelimit:crowd:search") == b"200"


def environ() -> dict[str, str]:
    """For a process that uses the same Redis."""
    return {**os.environ, "REDIS_URL": settings.CACHES["default"]["LOCATION"]}


# Counts and saves sessions without end, until it is killed.
_HAMMER = """
import itertools, threading
import django
django.setup()
from accounts import ratelimit, scripts
from accounts.ratelimit import caller_identity, rate_limit_hit, rate_limit_peek
from accounts.ratelimit_process import ProcessCounters
from accounts.sessions import SessionStore
from config import limits
limits.RATE_LIMITS["search"] = 10**9
def count(name):
    for n in itertools.count():
        rate_limit_hit(identity=f"{name}-{n}", endpoint="search")
def sign_in(name):
    for n in itertools.count():
        session = SessionStore()
        session._wanted = {"user_id": f"{name}-{n}", "email": "a@school.test", "role": "student"}
        session["n"] = n
        session.save()
        session.cycle_key()
        session.save()
        if n % 2:
            session.flush()
threads = [threading.Thread(target=work, args=(i,)) for i, work in enumerate([count, sign_in] * 2)]
for thread in threads:
    thread.start()
print("ready", flush=True)
"""


def test_a_client_that_is_killed_leaves_nothing_without_an_end() -> None:
    redis = get_redis_connection("default")
    for round_number in range(8):
        before = redis.dbsize()
        hammer = subprocess.Popen(
            [sys.executable, "-c", _HAMMER], stdout=subprocess.PIPE, text=True, env=environ()
        )
        try:
            assert hammer.stdout is not None and hammer.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.037 * round_number)
        finally:
            hammer.send_signal(signal.SIGKILL)
            hammer.communicate()
        assert redis.dbsize() > before + 10
    names = [name for pattern in PATTERNS for name in redis.scan_iter(pattern, count=1000)]
    assert {name.split(b":")[0] for name in names} == {b"ratelimit", b"session", b"sessions"}
    pipeline = redis.pipeline(transaction=False)
    for name in names:
        pipeline.ttl(name)
    assert [name for name, ttl in zip(names, pipeline.execute(), strict=True) if ttl == -1] == []


PATTERNS = ("ratelimit:*", "session:*", "sessions:*")


def test_counters_are_apart() -> None:
    for _ in range(limits.RATE_LIMITS["login"]):
        rate_limit_hit(identity="one", endpoint="login")
    rate_limit_hit(identity="two", endpoint="login")
    rate_limit_hit(identity="one", endpoint="search")
    with pytest.raises(RateLimitExceeded) as caught:
        rate_limit_hit(identity="one", endpoint="login")
    assert 1 <= caught.value.retry_after <= 60
    assert caught.value.limit == limits.RATE_LIMITS["login"]


@pytest.mark.django_db
def test_the_api_answers_429() -> None:
    user = UserFactory()
    client = api_as(user)
    assert client.get("/api/v1/me").status_code == 200
    get_redis_connection("default").set(
        f"ratelimit:{user.pk}:default", limits.RATE_LIMITS["default"], ex=30
    )
    response = client.get("/api/v1/me")
    assert response.status_code == 429
    assert response["RateLimit-Policy"] == '"default";q=300;w=60'
    assert response["RateLimit"] == f'"default";r=0;t={response["Retry-After"]}'
    assert response.json()["policy"] == "default"
    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 30
    assert response.json()["code"] == "rate_limit_exceeded"


# --- Looking without counting ---


def test_a_peek_counts_nothing_and_refuses_what_the_next_hit_would() -> None:
    redis = get_redis_connection("default")
    assert rate_limit_peek(identity="all", endpoint="join").count == 0
    assert redis.keys("ratelimit:*") == []
    for number in range(limits.RATE_LIMITS["join"]):
        assert rate_limit_peek(identity="all", endpoint="join").count == number
        rate_limit_hit(identity="all", endpoint="join")
    with pytest.raises(RateLimitExceeded) as caught:
        rate_limit_peek(identity="all", endpoint="join")
    assert caught.value.endpoint == "join"
    assert 1 <= caught.value.retry_after <= 60
    assert redis.get("ratelimit:all:join") == str(limits.RATE_LIMITS["join"]).encode()


# --- Redis is down ---

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


# --- Whom a visitor is counted as ---


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "identity"),
    [
        (0, "6.6.6.6", "9.9.9.9", "9.9.9.9"),  # nobody may name their own address
        (1, "6.6.6.6, 9.9.9.9", "10.0.0.1", "9.9.9.9"),
        (2, "6.6.6.6", "9.9.9.9", "9.9.9.9"),  # around a proxy
        (2, "", "9.9.9.9", "9.9.9.9"),
        (1, "rubbish", "10.0.0.1", "unknown"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "2001:DB8:1:2::99", "10.0.0.1", "2001:db8:1:2::/64"),
        (0, "", "::ffff:9.9.9.9", "9.9.9.9"),
    ],
)
def test_a_visitor_is_an_address(
    settings: Any, proxies: int, forwarded: str, remote: str, identity: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": forwarded} if forwarded else {}, REMOTE_ADDR=remote
    )
    assert caller_identity(request) == identity


@pytest.mark.django_db
def test_a_made_up_header_opens_no_new_counter() -> None:
    for number in range(3):
        Client().get("/api/v1/auth/csrf", headers={"X-Forwarded-For": f"6.6.6.{number}"})
    assert get_redis_connection("default").get("ratelimit:127.0.0.1:default") == b"3"


# --- The headers ---

_STATE = re.compile(r'"default";r=(\d+);t=(\d+)')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "signed_in", "status"),
    [
        ("get", "/api/v1/me", True, 200),
        ("get", "/api/v1/me", False, 401),
        ("post", "/api/v1/me", True, 405),
        ("get", "/api/v1/users/nobody", True, 404),
        ("get", "/api/v1/no/such/thing", False, 404),
        ("patch", "/api/v1/me", True, 415),
        ("get", "/api/v1/schema", False, 200),
    ],
)
def test_every_answer_tells_what_is_left(
    method: str, path: str, signed_in: bool, status: int
) -> None:
    client = api_as(UserFactory() if signed_in else None)
    for number in (1, 2):
        response = client.generic(method.upper(), path, "x", content_type="text/plain")
        assert response.status_code == status
        assert response["RateLimit-Policy"] == '"default";q=300;w=60'
        found = _STATE.fullmatch(response["RateLimit"])
        assert found and int(found[1]) == 300 - number
        assert 1 <= int(found[2]) <= 60


@pytest.mark.django_db
def test_who_is_not_let_in_is_counted_too() -> None:
    get_redis_connection("default").set("ratelimit:127.0.0.1:default", 300, ex=30)
    response = api_as().get("/api/v1/me")
    assert response.status_code == 429
    assert response["RateLimit"].startswith('"default";r=0;t=')
    assert int(response["Retry-After"]) <= 30


@pytest.mark.django_db
def test_the_headers_name_the_rate_of_the_view() -> None:
    response = api_as(UserFactory()).get("/api/v1/search", {"q": "cells"})
    assert response["RateLimit-Policy"] == '"search";q=60;w=60'
    assert response["RateLimit"].startswith('"search";r=59;t=')


def test_pages_have_none() -> None:
    assert "RateLimit" not in Client().get("/health/live").headers
