"""Who is signed in where: the sessions that are alive in Redis, and how they are ended.

Nothing here asks who may; that is for `accounts/services/live_sessions.py`. A session's id is a
secret that opens it, so beside Redis only its handle is told. Everything raises RedisError.
"""

import time
from collections.abc import Collection, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.contrib.sessions.backends.base import SessionBase
from django_redis import get_redis_connection
from redis import Redis

from accounts.session_scripts import (
    DESCRIBE,
    END,
    END_ALL,
    LIVE,
    session_handle,
    session_key_name,
    user_key_name,
)
from config import limits

# The session of the request that is being answered; its key may change meanwhile.
current_session: ContextVar[SessionBase | None] = ContextVar("current_session", default=None)

_FIELDS = ("user_id", "email", "role", "created_at", "last_activity", "ip_address", "user_agent")
_BATCH = 500  # sessions that one round trip reads


@dataclass(frozen=True)
class LiveSession:
    """One session; `id` is its handle, times are aware."""

    id: str
    user_id: str
    email: str
    role: str
    created_at: datetime
    last_activity: datetime
    ip_address: str
    user_agent: str
    key: str = field(repr=False)  # the secret


def sessions_of_user(user_id: object) -> list[LiveSession]:
    """A person's sessions, the last used first."""
    return read_sessions(_ids(user_key_name(user_id)))


def live_session_ids(*, start: int = 0, count: int | None = None) -> list[str]:
    """Ids of all sessions of people, the last used first."""
    return _ids(LIVE, start, count)


def live_session_count() -> int:
    """How many there are."""
    return _redis().zcount(LIVE, _oldest(), "+inf")


def read_sessions(ids: Sequence[str]) -> list[LiveSession]:
    """The sessions of these ids that are still there, in this order."""
    found = []
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        pipeline = _redis().pipeline(transaction=False)
        for session_id in some:
            pipeline.hmget(session_key_name(session_id), _FIELDS)
        for session_id, values in zip(some, pipeline.execute(), strict=True):
            if session := _session(session_id, values):
                found.append(session)
    return found


def owners(ids: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of a session's id and its user's, of those that are still there."""
    found = []
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        pipeline = _redis().pipeline(transaction=False)
        for session_id in some:
            pipeline.hget(session_key_name(session_id), "user_id")
        users = pipeline.execute()
        found += [(one, user.decode()) for one, user in zip(some, users, strict=True) if user]
    return found


def end_session(session: LiveSession) -> bool:
    """End one; whether it was still there."""
    return bool(END(_redis(), [session_key_name(session.key)], session.key))


def end_sessions_of(user_id: object, *, keep: str | None = None) -> int:
    """End all of a person, but for the one with the id `keep`; returns how many."""
    return int(END_ALL(_redis(), [user_key_name(user_id)], str(user_id), keep or ""))


def describe_sessions_of(user_id: object, *, email: str) -> None:
    """Write a person's new address into their sessions."""
    DESCRIBE(_redis(), [user_key_name(user_id)], "email", email)


def current_session_of(user_id: object) -> str | None:
    """The id of the session that this request came with, if it is this person's."""
    session = current_session.get()
    if session is None or not session.session_key:
        return None
    return session.session_key if session.get("_auth_user_id") == str(user_id) else None


def _redis() -> Redis:
    return cast(Redis, get_redis_connection("default"))


def _oldest() -> float:
    """A session that was used before has ended."""
    return time.time() - limits.SESSION_TTL


def _ids(key: str, start: int = 0, count: int | None = None) -> list[str]:
    # The last activity is the score; where it is the same the id decides, so pages hold still.
    found = _redis().zrevrangebyscore(
        key, "+inf", _oldest(), start=start, num=-1 if count is None else count
    )
    return [item.decode() for item in cast(list[bytes], found)]


def _session(session_id: str, values: Collection[bytes | None]) -> LiveSession | None:
    texts = dict(zip(_FIELDS, ((value or b"").decode() for value in values), strict=True))
    if not texts["user_id"]:
        return None
    times = {name: datetime.fromisoformat(texts.pop(name)) for name in _FIELDS[3:5]}
    return LiveSession(
        id=session_handle(session_id),
        key=session_id,
        created_at=times["created_at"],
        last_activity=times["last_activity"],
        **texts,
    )
