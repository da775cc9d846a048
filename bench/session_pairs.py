"""The works that `bench/sessions.py` measures against each other."""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore as CacheSession
from redis import Redis

from accounts.models import User
from accounts.ratelimit import rate_limit_hit
from accounts.scripts import Script
from accounts.sessions import SessionStore
from config import limits

Work = Callable[[], object]
Pair = tuple[str, str, float, Work, Work]

GOAL_BARE = 1.5
GOAL_DJANGO = 1.0

# The least that a save must be: not of a session that is gone, and with its hour renewed.
_SAVE = Script("""
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'last_activity', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
""")
_INCR = Script("""
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
""")


def pairs() -> Iterator[Pair]:
    """(operation, what it is measured by, goal for the ratio, ours, the other)."""
    bare = Redis.from_url(str(settings.CACHES["default"]["LOCATION"]))
    limits.RATE_LIMITS["default"] = 10**9
    user = User(email="bench@school.test", role="student")
    ours = _session(SessionStore(), user)
    djangos = _session(CacheSession(), user)

    def load_and_save() -> None:
        session = SessionStore(ours)
        session["_auth_user_id"]
        session.save()

    def bare_load_and_save() -> None:
        bare.hgetall(f"session:{ours}")
        _SAVE(bare, [f"session:{ours}"], str(time.time()), limits.SESSION_TTL)

    def django_load_and_save() -> None:
        session = CacheSession(djangos)
        session["_auth_user_id"]
        session.save()

    def check() -> None:
        rate_limit_hit(identity=str(user.pk), endpoint="default")

    def bare_check() -> None:
        _INCR(bare, ["bench:limit"], limits.RATE_LIMIT_WINDOW)

    yield "session load+save", "redis-py", GOAL_BARE, load_and_save, bare_load_and_save
    yield (
        "session load+save",
        "django cache sessions",
        GOAL_DJANGO,
        load_and_save,
        django_load_and_save,
    )
    yield "limit check", "redis-py", GOAL_BARE, check, bare_check


def _session(session: SessionStore | CacheSession, user: User) -> str:
    """What a session holds of somebody who is signed in; returns its id."""
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[-1]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    if isinstance(session, SessionStore):
        session.describe_user(user)
    session.save()
    return str(session.session_key)
