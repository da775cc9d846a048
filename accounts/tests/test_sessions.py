"""Sessions are the hashes of the specification, in Redis."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db.models.signals import pre_save
from django.test import Client
from django_redis import get_redis_connection
from redis import Redis

from accounts.models import User
from accounts.sessions import SessionStore, session_key_name
from accounts.tests.clients import browser_as, csrf, sign_in, spa
from accounts.tests.factories import PASSWORD, TeacherFactory, UserFactory
from config import limits

# Redis is spoken to here: once more on the real server.
pytestmark = [pytest.mark.django_db, pytest.mark.contract]

ME = "/api/v1/me"


@pytest.fixture
def redis() -> Redis:
    return get_redis_connection("default")


def session_id(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def fields(redis: Redis, client: Client) -> dict[str, str]:
    found = redis.hgetall(session_key_name(session_id(client)))
    return {name.decode(): value.decode() for name, value in found.items()}


def test_the_hash_has_the_fields_of_the_specification(redis: Redis) -> None:
    user, client = TeacherFactory(), spa()
    sign_in(client, user)
    found = fields(redis, client)
    of_the_specification = {"user_id", "email", "role", "created_at", "last_activity"}
    assert set(found) == of_the_specification | {"data", "ip_address", "user_agent"}
    assert (found["user_id"], found["email"], found["role"]) == (
        str(user.pk),
        user.email,
        "teacher",
    )
    for name in ("created_at", "last_activity"):
        assert datetime.fromisoformat(found[name]).utcoffset() is not None
    assert redis.type(session_key_name(session_id(client))) == b"hash"


def test_it_lives_an_hour_and_activity_renews_it(redis: Redis) -> None:
    client = browser_as(UserFactory())
    key = session_key_name(session_id(client))
    assert limits.SESSION_TTL == 3600
    assert 3595 <= redis.ttl(key) <= 3600
    before = fields(redis, client)
    redis.expire(key, 20)
    assert client.get(ME).status_code == 200
    assert 3595 <= redis.ttl(key) <= 3600
    after = fields(redis, client)
    assert after["last_activity"] > before["last_activity"]
    assert after["created_at"] == before["created_at"]
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 3600


def test_signing_in_rotates_the_id(redis: Redis) -> None:
    """An id that someone planted before is worth nothing afterwards."""
    planted = SessionStore()
    planted["planted"] = True
    planted.save()
    user, client = UserFactory(), spa()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    sign_in(client, user)
    assert session_id(client) != planted.session_key
    assert not redis.exists(session_key_name(planted.session_key))
    assert fields(redis, client)["user_id"] == str(user.pk)


def test_signing_in_as_another_person_takes_nothing_along(redis: Redis) -> None:
    client = spa()
    sign_in(client, UserFactory())
    other = TeacherFactory()
    client.force_login(other)
    assert fields(redis, client)["email"] == other.email
    assert fields(redis, client)["role"] == "teacher"


def test_a_late_save_does_not_revive_an_ended_session(redis: Redis) -> None:
    client = browser_as(UserFactory())
    under_way = SessionStore(session_id(client))
    under_way["answer"] = 42
    client.logout()
    with pytest.raises(UpdateError):
        under_way.save()
    assert redis.keys("session:*") == []


def test_a_new_key_keeps_saying_whose_session_it_is(redis: Redis) -> None:
    """As after a change of the password."""
    user, client = UserFactory(), spa()
    sign_in(client, user)
    session = SessionStore(session_id(client))
    session.cycle_key()
    found = redis.hgetall(session_key_name(session.session_key))
    assert found[b"user_id"] == str(user.pk).encode()
    assert SessionStore(session.session_key)["_auth_user_id"] == str(user.pk)


def test_what_is_left_after_signing_out_is_nobodys(redis: Redis) -> None:
    user, client = UserFactory(), spa()
    sign_in(client, user)
    session = SessionStore(session_id(client))
    assert session["_auth_user_id"] == str(user.pk)
    session.flush()
    session["message"] = "You are signed out."
    session.save()
    assert redis.hget(session_key_name(session.session_key), "user_id") == b""


def test_an_old_cookie_is_harmless() -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert client.get("/health/live").status_code == 200
    assert client.get(ME).status_code == 401
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == ""


def test_visitors_get_no_session(redis: Redis) -> None:
    client = Client()
    client.get("/health/live")
    client.get("/admin/login/")
    client.get("/accounts/login/")
    client.get("/_allauth/browser/v1/auth/session")
    client.get(ME)
    assert redis.keys("session*") == []


def test_tampered_data_is_an_empty_session(redis: Redis) -> None:
    client = browser_as(UserFactory())
    redis.hset(session_key_name(session_id(client)), "data", "forged")
    assert client.get(ME).status_code == 401


def test_a_session_that_ends_under_way_is_a_401(redis: Redis) -> None:
    """Another tab signs out between the start and the end of a request."""
    user, client = UserFactory(), spa()
    sign_in(client, user)

    def sign_out(sender: type[User], **kwargs: object) -> None:
        redis.delete(session_key_name(session_id(client)))

    pre_save.connect(sign_out, sender=User)
    try:
        response = client.patch(ME, {"name": "Late"}, **csrf(client))
    finally:
        pre_save.disconnect(sign_out, sender=User)
    assert response.status_code == 401
    assert response.json()["code"] == "session_ended"


def test_only_what_has_changed_is_written(redis: Redis) -> None:
    client = browser_as(UserFactory())
    client.get(ME)
    seen = commands_of(redis, lambda: client.get(ME, headers={"User-Agent": "Another/2"}))
    (save,) = (line for line in seen if line.startswith("evalsha") and "update" in line)
    assert "last_activity" in save and "user_agent" in save
    assert not any(f" {name} " in save for name in ("user_id", "email", "role", "data"))
    assert fields(redis, client)["user_agent"] == "Another/2"


def test_a_request_of_the_api_is_three_round_trips(redis: Redis) -> None:
    """The session is read, the request is counted, the session is saved."""
    client = browser_as(UserFactory())
    client.get(ME)  # the scripts are known and the connections are open
    seen = commands_of(redis, lambda: client.get(ME))
    assert [line.split()[0] for line in seen] == ["hgetall", "evalsha", "evalsha"]


def test_a_request_that_ignores_its_session_does_not_touch_redis(redis: Redis) -> None:
    client = browser_as(UserFactory())
    assert commands_of(redis, lambda: client.get("/health/live")) == []


def commands_of(redis: Redis, work: Callable[[], object]) -> list[str]:
    """The commands that clients sent to this database meanwhile, but not those of scripts."""
    number = redis.connection_pool.connection_kwargs.get("db", 0)
    with redis.monitor() as monitor:
        work()
        redis.echo("the end")
        seen = []
        for found in monitor.listen():
            command = str(found["command"])
            if command == "ECHO the end":
                return seen
            if command.startswith(("SELECT", "AUTH", "CLIENT", "HELLO")):
                continue  # of a connection that is new
            if int(found["db"]) == number and found["client_type"] != "lua":
                seen.append(_lower(command))
    raise AssertionError("the monitor ended")


def _lower(command: str) -> str:
    name, _, rest = command.partition(" ")
    return f"{name.lower()} {rest}".strip()


# --- Rotation ---


def test_a_rotation_does_not_revive_what_has_ended(redis: Redis) -> None:
    client = browser_as(UserFactory())
    under_way = SessionStore(session_id(client))
    assert under_way["_auth_user_id"]
    client.logout()
    with pytest.raises(UpdateError):
        under_way.cycle_key()
    assert redis.keys("session*") == []
    assert under_way.is_empty()


def test_a_session_of_nobody_that_is_gone_begins_anew(redis: Redis) -> None:
    session = SessionStore()
    session["next"] = "/admin/"
    session.save()
    redis.delete(session_key_name(session.session_key))
    gone = session.session_key
    session.cycle_key()
    assert session.session_key != gone
    assert SessionStore(session.session_key)["next"] == "/admin/"


def test_a_rotation_of_an_ended_session_in_a_view_is_a_401(redis: Redis) -> None:
    """Another tab signs out while this one changes the password."""
    user = UserFactory()
    client = browser_as(user)

    def sign_out(sender: type[User], **kwargs: object) -> None:
        SessionStore().delete(session_id(client))

    pre_save.connect(sign_out, sender=User)
    try:
        response = client.post("/accounts/password/change/", new_password())
    finally:
        pre_save.disconnect(sign_out, sender=User)
    assert response.status_code == 401
    assert redis.keys("session*") == []


def new_password() -> dict[str, str]:
    """What the page of the password takes."""
    new = "another-Long-password-8"
    return {"oldpassword": PASSWORD, "password1": new, "password2": new}
