"""The one published way to write the activity log: `activity_record`.

Services call it for every change of state. It sends the signal `activity_recorded` after
the transaction commits; the app that keeps the log listens. So an action that is rolled
back is not logged, and a log that fails never fails the action.
"""

import ipaddress
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import User
from config.times import to_milliseconds

activity_recorded = Signal()  # arguments: activities (a list of Activity)


@dataclass(frozen=True)
class RequestContext:
    """Where a request came from."""

    ip_address: str | None = None
    user_agent: str = ""


def _entry_id() -> str:
    """24 hexadecimal digits: the seconds, and 64 random bits (the layout of an ObjectId)."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def _one_spelling(address: str) -> str:
    """The address as every engine gives it back; PostgreSQL spells some in its own way.

    An IPv4 address that came through an IPv6 socket is told as what it is. Raises ValueError.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        # Without a scope ("%eth0"), which says something to this computer only.
        return str(found.ipv4_mapped or ipaddress.IPv6Address(int(found)))
    return str(found)


@dataclass(frozen=True)
class Activity:
    """One entry of the log, in the spec's words; `timestamp` is aware, kept to the millisecond.

    `id` is made here and not by the store, so that writing an entry again changes nothing.
    """

    user_id: str | None
    action: str
    resource_type: str
    resource_id: str
    timestamp: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ip_address: str | None = None
    user_agent: str = ""
    id: str = field(default_factory=_entry_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "timestamp", to_milliseconds(self.timestamp))
        if self.ip_address is not None:
            with suppress(ValueError):  # what a log holds already must stay readable
                object.__setattr__(self, "ip_address", _one_spelling(self.ip_address))


_context: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def activity_record(
    *,
    actor: User | None,
    action: str,
    resource_type: str,
    resource_id: object,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Log that `actor` did `action` (e.g. "document_upload") to a resource, after commit.

    `metadata` must be JSON and must hold no secret and no answer key.
    """
    activities_record(
        actor=actor, action=action, resources=[(resource_type, resource_id, metadata or {})]
    )


def activities_record(
    *,
    actor: User | None,
    action: str,
    resources: Iterable[tuple[str, object, Mapping[str, Any]]],
) -> None:
    """Log that `actor` did `action` to each of these resources: (type, id, metadata).

    They are written together, after commit.
    """
    context, now = _context.get() or RequestContext(), timezone.now()
    activities = [
        Activity(
            user_id=str(actor.pk) if actor else None,
            action=action,
            resource_type=resource_type,
            resource_id=str(resource_id),
            timestamp=now,
            metadata=dict(metadata),
            ip_address=context.ip_address,
            user_agent=context.user_agent,
        )
        for resource_type, resource_id, metadata in resources
    ]
    transaction.on_commit(lambda: _send(activities), robust=True)


def _send(activities: Sequence[Activity]) -> None:
    activity_recorded.send(sender=None, activities=activities)


def client_address(request: HttpRequest) -> str | None:
    """The client's address, behind as many proxies as the settings trust.

    A request with fewer hops than that has come around a proxy, so that its header is nobody's
    word but its sender's: the address is that of the connection.
    """
    hops = [
        hop.strip()
        for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if hop.strip()
    ]
    hops.append(request.META.get("REMOTE_ADDR", ""))
    candidate = hops[-1 - settings.TRUSTED_PROXIES if len(hops) > settings.TRUSTED_PROXIES else -1]
    try:
        return _one_spelling(candidate)
    except ValueError:
        return None


class RequestContextMiddleware:
    """Remembers the request's origin for `activity_record`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        agent = request.META.get("HTTP_USER_AGENT", "")[:500]
        token = _context.set(RequestContext(client_address(request), agent))
        try:
            return self.get_response(request)
        finally:
            _context.reset(token)
