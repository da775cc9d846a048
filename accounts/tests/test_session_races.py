"""A request that saves, one that rotates the key and one that signs out, all at once."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django_redis import get_redis_connection
from redis import Redis

from accounts import live_sessions
from accounts.models import User
from accounts.session_scripts import session_key_name
from accounts.sessions import SessionStore

pytestmark = pytest.mark.contract

ROUNDS = 1000
USER = User(email="racer@school.test", role="student")


def signed_in() -> str:
    """A session of USER; returns its id."""
    session = SessionStore()
    session["_auth_user_id"] = str(USER.pk)
    session.describe_user(USER)
    session.save()
    return session.session_key


def loaded(session_id: str) -> SessionStore:
    session = SessionStore(session_id)
    assert session["_auth_user_id"] == str(USER.pk)
    return session


def race(threads: ThreadPoolExecutor, works: list[Callable[[], object]]) -> list[bool]:
    """Run them at the same moment; whether each went through."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> bool:
        barrier.wait()
        try:
            work()
        except UpdateError:
            return False
        return True

    return list(threads.map(run, works))


def left(redis: Redis) -> tuple[set[str], set[str], set[str]]:
    """Ids of the sessions, and what both indexes know."""
    sessions = {name.decode().partition(":")[2] for name in redis.scan_iter("session:*")}
    indexes = [f"sessions:user:{USER.pk}", "sessions:live"]
    user, live = ({item.decode() for item in redis.zrange(name, 0, -1)} for name in indexes)
    return sessions, user, live


def test_signing_out_wins_or_comes_too_late_and_revives_nothing() -> None:
    redis, outcomes = get_redis_connection("default"), Counter[str]()
    with ThreadPoolExecutor(4) as threads:
        for _ in range(ROUNDS):
            old = signed_in()
            saver, rotator, leaver, late = (loaded(old) for _ in range(4))
            saver["n"] = late["n"] = 1
            works = [saver.save, rotator.cycle_key, leaver.flush, late.save]
            _, rotated, _, _ = race(threads, works)
            sessions, user, live = left(redis)
            assert sessions == user == live
            assert old not in sessions
            if rotated:  # before the other tab signed out of a session that was no more
                assert sessions == {rotator.session_key}
                rotator.save()
                rotator.flush()
            else:
                assert sessions == set()
                assert rotator.session_key is None
            for session in (saver, late):
                if session.session_key:
                    with pytest.raises(UpdateError):
                        session.save()
            assert left(redis) == (set(), set(), set())
            outcomes["rotated" if rotated else "ended"] += 1
    assert min(outcomes["rotated"], outcomes["ended"]) > 0, outcomes


def test_ending_all_leaves_none_whatever_is_under_way() -> None:
    """As after a change of the role: a rotation before it is found, one after it fails."""
    redis = get_redis_connection("default")
    with ThreadPoolExecutor(3) as threads:
        for _ in range(ROUNDS // 2):
            old = signed_in()
            saver, rotator = loaded(old), loaded(old)
            race(
                threads,
                [saver.save, rotator.cycle_key, lambda: live_sessions.end_sessions_of(USER.pk)],
            )
            assert left(redis) == (set(), set(), set())


def test_two_rotations_leave_one_session() -> None:
    redis = get_redis_connection("default")
    with ThreadPoolExecutor(2) as threads:
        for _ in range(ROUNDS // 4):
            old = signed_in()
            one, two = loaded(old), loaded(old)
            assert sorted(race(threads, [one.cycle_key, two.cycle_key])) == [False, True]
            sessions, user, live = left(redis)
            assert sessions == user == live == {one.session_key or two.session_key}
            assert not redis.exists(session_key_name(old))
            live_sessions.end_sessions_of(USER.pk)
