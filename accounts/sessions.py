"""Django's sessions in Redis: a hash at `session:{session_id}`, one hour, as in the spec.

Fields `user_id`, `email`, `role`, `created_at` and `last_activity` can be read as they are,
`ip_address` and `user_agent` tell a person which session it is, and `data` holds Django's own
session data, signed. Only fields that changed are written. A script makes each save one atomic
round trip, and a save of a session that is gone changes nothing: a request that was under way
while its user signed out can't bring the session back.
"""

import logging
import time
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import (
    VALID_KEY_CHARS,
    CreateError,
    SessionBase,
    UpdateError,
)
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_redis import get_redis_connection
from redis import Redis
from redis.exceptions import RedisError

from accounts.activity import client_address
from accounts.models import User
from accounts.session_data import Serializer, dump, load
from accounts.session_middleware import SessionMiddleware
from accounts.session_scripts import END, ROTATE, SAVE, session_key_name
from config import limits

__all__ = ["SessionMiddleware", "SessionStore", "session_key_name"]

USER_FIELDS = ("user_id", "email", "role")
logger = logging.getLogger(__name__)
USER_AGENT_MAX = 500  # characters


def _redis() -> Redis:
    return cast(Redis, get_redis_connection("default"))


class SessionStore(SessionBase):
    """One session; `user_id`, `email` and `role` are written by `describe_user` at login."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._wanted: dict[str, str] = {}  # what the hash should say beside `data`
        self._stored: dict[str, str] = {}  # what it says, as far as we know
        self._failure: RedisError | None = None

    def describe_user(self, user: User) -> None:
        """Let the hash say whose session this is."""
        self._wanted |= {"user_id": str(user.pk), "email": user.email, "role": user.role}
        self.modified = True

    def describe_origin(self, request: HttpRequest) -> None:
        """Let the hash say from where it is used."""
        self._wanted["ip_address"] = client_address(request) or ""
        self._wanted["user_agent"] = request.META.get("HTTP_USER_AGENT", "")[:USER_AGENT_MAX]

    def load(self) -> dict[str, Any]:
        if self._failure:  # a Redis that hangs is waited for once in a request
            raise self._failure
        try:
            # Without decode_responses everything is bytes, whatever the driver's types say.
            found = cast(dict[bytes, bytes], _redis().hgetall(f"session:{self.session_key}"))
        except RedisError as error:
            self._failure = error
            raise
        if not found:
            self._session_key = None
            return {}
        signed = found.pop(b"data", b"")
        self._stored = {name.decode(): value.decode() for name, value in found.items()}
        try:
            return cast(dict[str, Any], load(signed, self._serializer()))
        except ValueError:
            logger.warning("the data of a session is not signed by us")
            return {}

    def _serializer(self) -> Serializer:
        return cast(Serializer, self.serializer())

    def flush(self) -> None:
        """End the session; what this object saves later is nobody's."""
        super().flush()
        self._forget()

    def exists(self, session_key: str) -> bool:
        return bool(_redis().exists(session_key_name(session_key)))

    def create(self) -> None:
        while True:
            # Nobody is asked whether the id is free: the script sees to it.
            self._session_key = get_random_string(32, VALID_KEY_CHARS)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write what has changed and renew the hour; one atomic round trip.

        Raises UpdateError when the session has ended meanwhile.
        """
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now = timezone.now()
        fields = {"last_activity": now.isoformat()}
        if must_create:
            self._stored = {}
            fields |= dict.fromkeys(USER_FIELDS, "") | {"created_at": fields["last_activity"]}
        for name, value in self._wanted.items():
            if self._stored.get(name) != value:
                fields[name] = value
        user_id = fields.get("user_id") or self._stored.get("user_id", "")
        pairs: list[str | bytes] = [item for pair in fields.items() for item in pair]
        if must_create or self.modified:
            pairs += ["data", dump(data, self._serializer())]
        saved = SAVE(
            _redis(),
            [session_key_name(self.session_key)],
            "create" if must_create else "update",
            self.session_key,
            user_id,
            now.timestamp(),
            limits.SESSION_TTL,
            *pairs,
        )
        if not saved:
            raise CreateError if must_create else UpdateError
        self._stored |= fields

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            END(_redis(), [session_key_name(key)], key)

    def cycle_key(self) -> None:
        """A new key with the same data, in one step.

        Raises UpdateError when somebody's session has ended meanwhile: a new key would bring it
        back. One that is nobody's begins anew.
        """
        data = self._get_session()  # type: ignore[attr-defined] # before the key changes
        old = self.session_key
        if old is not None:
            moved = 0
            while (moved := self._move(old)) < 0:
                pass
            if moved:
                self.modified = True
                return
            if SESSION_KEY in data or self._stored.get("user_id"):
                self.clear()
                self._session_key = None
                self._forget()
                raise UpdateError("The session has ended meanwhile")
        self.create()

    def _move(self, old: str) -> int:
        new = get_random_string(32, VALID_KEY_CHARS)
        keys = [session_key_name(old), session_key_name(new)]
        moved = int(ROTATE(_redis(), keys, old, new, time.time(), limits.SESSION_TTL))
        if moved == 1:
            self._session_key = new
        return moved

    def _forget(self) -> None:
        self._stored = {}
        for name in USER_FIELDS:
            self._wanted.pop(name, None)

    @classmethod
    def clear_expired(cls) -> None:
        """Redis does it."""
