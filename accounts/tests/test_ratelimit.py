"""The rate limiter of the specification, atomic."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django_redis import get_redis_connection

from accounts.ratelimit import rate_limit_hit
from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
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


def test_two_hundred_threads_pass_exactly_the_limit() -> None:
    limit = limits.RATE_LIMITS["login"]

    def hit(_: int) -> bool:
        try:
            rate_limit_hit(identity="crowd", endpoint="login")
        except RateLimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(200) as threads:
        passed = list(threads.map(hit, range(200)))
    assert sum(passed) == limit
    assert get_redis_connection("default").get("ratelimit:crowd:login") == b"200"


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
    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 30
    assert response.json()["code"] == "rate_limit_exceeded"
