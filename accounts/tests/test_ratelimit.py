"""The rate limiter of the specification, atomic."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django_redis import get_redis_connection

from accounts import scripts
from accounts.ratelimit import rate_limit_hit, rate_limit_peek
from config import limits
from config.errors import RateLimitExceeded

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
            while redis.dbsize() <= before + 10 and hammer.poll() is None:
                time.sleep(0.001)
            time.sleep(0.007 * round_number)
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
