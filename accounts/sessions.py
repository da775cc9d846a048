"""Django's sessions in Redis: a hash at `session:{session_id}`, one hour, as in the spec.

Fields `user_id`, `email`, `role`, `created_at` and `last_activity` can be read as they are;
`data` holds Django's own session data, signed. A script makes each save one atomic round
trip, and a save of a session that is gone changes nothing: a request that was under way
while its user signed out can't bring the session back.
"""

from typing import Any, cast

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django_redis import get_redis_connection
from redis import Redis
from redis.exceptions import RedisError

from accounts.models import User
from config import limits
from config.problems import describe, problem, problem_response

USER_FIELDS = ("user_id", "email", "role")

# ARGV: "create" or "update", TTL in seconds, then the fields and values to write.
_SAVE = """
local exists = redis.call('EXISTS', KEYS[1])
if (ARGV[1] == 'create') == (exists == 1) then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


def _redis() -> Redis:
    return cast(Redis, get_redis_connection("default"))


def session_key_name(session_id: str) -> str:
    """The Redis key of a session."""
    return f"session:{session_id}"


class SessionStore(SessionBase):
    """One session; `user_id`, `email` and `role` are written by `describe_user` at login."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._user: dict[str, str] = {}

    def describe_user(self, user: User) -> None:
        """Let the hash say whose session this is."""
        self._user = {"user_id": str(user.pk), "email": user.email, "role": user.role}
        self.modified = True

    def load(self) -> dict[str, Any]:
        # Without decode_responses everything is bytes, whatever the driver's types say.
        found = cast(dict[bytes, bytes], _redis().hgetall(session_key_name(self.session_key or "")))
        fields = {name.decode(): value.decode() for name, value in found.items()}
        if not fields:
            self._session_key = None
            return {}
        self._user = {name: fields[name] for name in USER_FIELDS if fields.get(name)}
        return self.decode(fields.get("data", ""))

    def flush(self) -> None:
        """End the session; what this object saves later is nobody's."""
        super().flush()
        self._user = {}

    def exists(self, session_key: str) -> bool:
        return bool(_redis().exists(session_key_name(session_key)))

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write what has changed and renew the hour; one atomic round trip."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now = timezone.now().isoformat()
        fields: dict[str, str] = {"last_activity": now}
        if must_create:
            fields |= dict.fromkeys(USER_FIELDS, "") | {"created_at": now}
        if must_create or self.modified:
            fields |= self._user | {"data": self.encode(data)}
        arguments = [item for pair in fields.items() for item in pair]
        saved = _redis().eval(
            _SAVE,
            1,
            session_key_name(self.session_key),
            "create" if must_create else "update",
            limits.SESSION_TTL,
            *arguments,
        )
        if not saved:
            raise CreateError if must_create else UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            _redis().delete(session_key_name(key))

    def cycle_key(self) -> None:
        """A new key with the same data; the old one ends."""
        old = self.session_key
        # Loaded before the key changes.
        data = self._get_session()  # type: ignore[attr-defined]
        self.create()
        self._session_cache = data
        if old:  # `delete` without a key would end the new session
            self.delete(old)

    @classmethod
    def clear_expired(cls) -> None:
        """Redis does it."""


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's own, with three answers of our own.

    A Redis or a PostgreSQL that is down is a 503 with Retry-After and ends no session. A
    session that ended while its request was under way is a 401. A request that did not look
    at its session (a health check, with a cookie of yesterday) does not touch Redis.
    """

    def process_response(  # type: ignore[override] # also for what streams
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        session = getattr(request, "session", None)
        if session is not None and not (session.accessed or session.modified):
            return response
        try:
            return super().process_response(request, response)  # type: ignore[arg-type]
        except RedisError as error:
            return _unavailable(error)
        except SessionInterrupted:
            return problem_response(problem(401, "This session has ended", "session_ended"))

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, RedisError | OperationalError | InterfaceError):
            return _unavailable(exception)
        return None


def _unavailable(error: Exception) -> HttpResponseBase:
    found = describe(error)
    assert found is not None
    return problem_response(*found)
