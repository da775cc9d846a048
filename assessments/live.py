"""Live proctoring sessions in Redis: a hash at `proctor:session:{session_id}`, two hours.

Fields as in the spec: `user_id`, `assessment_id`, `started_at`, `status` ("active" or
"ended") and `violations`, a JSON array. Scripts change the array where it is, so that two
violations at once are both kept. Every sign of life renews the two hours, and a session
that is gone is begun anew by the next violation.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django_redis import get_redis_connection
from redis import Redis

from assessments.models import ProctorSession
from assessments.stores.base import Violation
from config import limits

ACTIVE, ENDED = "active", "ended"

# KEYS[1]: the session. ARGV: TTL, user_id, assessment_id, started_at.
_OPEN = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'user_id', ARGV[2], 'assessment_id', ARGV[3],
    'started_at', ARGV[4], 'status', 'active', 'violations', '[]')
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""

# ARGV also: the violation as JSON, its type, how many of a type are kept.
# Returns 1 recorded, 0 enough of this type, -1 the session has ended. The array is spliced
# as text: decoding and encoding it would turn its empty arrays into objects.
_APPEND = (
    _OPEN
    + """
if redis.call('HGET', KEYS[1], 'status') ~= 'active' then return -1 end
local kept = redis.call('HGET', KEYS[1], 'violations')
local count = 0
for _, violation in ipairs(cjson.decode(kept)) do
  if violation['type'] == ARGV[6] then count = count + 1 end
end
if count >= tonumber(ARGV[7]) then return 0 end
local head = '['
if kept ~= '[]' then head = string.sub(kept, 1, -2) .. ',' end
redis.call('HSET', KEYS[1], 'violations', head .. ARGV[5] .. ']')
return 1
"""
)

_END = """
if redis.call('EXISTS', KEYS[1]) == 0 then return '[]' end
redis.call('HSET', KEYS[1], 'status', 'ended')
return redis.call('HGET', KEYS[1], 'violations')
"""

RECORDED, ENOUGH, OVER = 1, 0, -1


@dataclass(frozen=True)
class LiveSession:
    """A session as Redis has it."""

    user_id: UUID
    assessment_id: UUID
    started_at: datetime
    status: str
    violations: tuple[Violation, ...]


def key_of(session_id: UUID) -> str:
    """The Redis key of a session."""
    return f"proctor:session:{session_id}"


def live_open(session: ProctorSession) -> None:
    """Begin the session, or renew it."""
    _redis().eval(_OPEN, 1, key_of(session.pk), *_arguments(session))


def live_append(session: ProctorSession, violation: Violation) -> int:
    """Add a violation: RECORDED, ENOUGH (of its type are kept already) or OVER."""
    return cast(
        int,
        _redis().eval(
            _APPEND,
            1,
            key_of(session.pk),
            *_arguments(session),
            json.dumps(
                {
                    "type": violation.type,
                    "timestamp": violation.timestamp.isoformat(),
                    "details": dict(violation.details),
                }
            ),
            violation.type,
            limits.PROCTOR_VIOLATIONS_PER_TYPE,
        ),
    )


def live_end(session_id: UUID) -> tuple[Violation, ...]:
    """End the session and return its violations in the order of their arrival."""
    return _violations(cast(bytes, _redis().eval(_END, 1, key_of(session_id))))


def live_read(session_id: UUID) -> LiveSession | None:
    """The session, None if Redis has none."""
    fields = cast(dict[bytes, bytes], _redis().hgetall(key_of(session_id)))
    if not fields:
        return None
    return LiveSession(
        user_id=UUID(fields[b"user_id"].decode()),
        assessment_id=UUID(fields[b"assessment_id"].decode()),
        started_at=datetime.fromisoformat(fields[b"started_at"].decode()),
        status=fields[b"status"].decode(),
        violations=_violations(fields[b"violations"]),
    )


def live_renew(session_ids: Iterable[UUID]) -> None:
    """Give these sessions their two hours again."""
    pipeline = _redis().pipeline(transaction=False)
    for session_id in session_ids:
        pipeline.expire(key_of(session_id), limits.PROCTOR_SESSION_TTL)
    pipeline.execute()


def _arguments(session: ProctorSession) -> tuple[Any, ...]:
    return (
        limits.PROCTOR_SESSION_TTL,
        str(session.attempt.user_id),
        str(session.attempt.assessment_id),
        session.started_at.isoformat(),
    )


def _violations(array: bytes) -> tuple[Violation, ...]:
    return tuple(
        Violation(
            type=item["type"],
            timestamp=datetime.fromisoformat(item["timestamp"]),
            details=item["details"],
        )
        for item in json.loads(array)
    )


def _redis() -> Redis:
    return cast(Redis, get_redis_connection("default"))
