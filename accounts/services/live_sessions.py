"""What can be done to sessions that are alive."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts import live_sessions
from accounts.activity import activity_record
from accounts.live_sessions import LiveSession
from accounts.models import User
from accounts.policies import require
from config import limits
from config.connections.redis import RedisConnection
from config.errors import NotFound


@dataclass(frozen=True)
class LiveSessionPage:
    """A page of all sessions; `total` counts all pages."""

    sessions: Sequence[LiveSession]
    total: int


def sessions_of(*, actor: User, user: User) -> list[LiveSession]:
    """The sessions of a user, the last used first: one's own, or anyone's for an admin."""
    _require(actor, user)
    with RedisConnection.to("default").available():
        return live_sessions.sessions_of_user(user.pk)


def sessions_page(
    *, actor: User, page: int = 1, search: str = "", role: str = ""
) -> LiveSessionPage:
    """All sessions of people, the last used first, `limits.LIVE_SESSIONS_PAGE` a page.

    `search` is a part of an address or a name; then the LIVE_SESSIONS_SEARCHED that were last
    used are looked through.
    """
    require(actor, "accounts.view_live_sessions")
    size = limits.LIVE_SESSIONS_PAGE
    start = (max(page, 1) - 1) * size
    with RedisConnection.to("default").available():
        if not search and not role:
            ids = live_sessions.live_session_ids(start=start, count=size)
            return LiveSessionPage(
                live_sessions.read_sessions(ids), live_sessions.live_session_count()
            )
        found = live_sessions.owners(
            live_sessions.live_session_ids(count=limits.LIVE_SESSIONS_SEARCHED)
        )
        users = _matching({user_id for _, user_id in found}, search, role)
        ids = [session_id for session_id, user_id in found if user_id in users]
        return LiveSessionPage(live_sessions.read_sessions(ids[start : start + size]), len(ids))


def session_end_by_handle(*, actor: User, user: User, handle: str) -> None:
    """End one session of a user; NotFound when the user has none of this handle."""
    _require(actor, user)
    with RedisConnection.to("default").available():
        for session in live_sessions.sessions_of_user(user.pk):
            if session.id == handle and live_sessions.end_session(session):
                _log(actor, user, 1)
                return
    raise NotFound("There is no such session.")


def sessions_end(*, actor: User, user: User, keep: str | None = None) -> int:
    """End all sessions of a user, but for the one with the id `keep`; returns how many."""
    _require(actor, user)
    with RedisConnection.to("default").available():
        ended = live_sessions.end_sessions_of(user.pk, keep=keep)
    _log(actor, user, ended)
    return ended


def _require(actor: User, user: User) -> None:
    if actor.pk != user.pk:
        require(actor, "accounts.view_live_sessions")


def _log(actor: User, user: User, count: int) -> None:
    activity_record(
        actor=actor,
        action="sessions_end",
        resource_type="user",
        resource_id=user.pk,
        metadata={"count": count},
    )


def _matching(user_ids: set[str], search: str, role: str) -> set[str]:
    users = User.objects.filter(pk__in=user_ids)
    if search:
        users = users.filter(Q(email__icontains=search) | Q(name__icontains=search))
    if role:
        users = users.filter(role=role)
    return {str(pk) for pk in users.values_list("pk", flat=True)}
