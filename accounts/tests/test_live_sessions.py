"""Both indexes of sessions, and what happens to a user that ends theirs."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user
from django.db import transaction
from django.test import Client, RequestFactory
from django_redis import get_redis_connection
from redis import Redis

from accounts import live_sessions
from accounts.models import Role, User
from accounts.session_scripts import session_key_name
from accounts.sessions import SessionStore
from accounts.tests.clients import browser_as
from accounts.tests.factories import AdminFactory, UserFactory
from accounts.tests.test_sessions import new_password, session_id

# Redis is spoken to here: once more on the real server.
pytestmark = [pytest.mark.django_db, pytest.mark.contract]
# Sessions end after commit.
commits = pytest.mark.django_db(transaction=True)

ME = "/api/v1/me"
MINE = "/api/v1/me/sessions"
PAGE = "/admin/accounts/user/live-sessions/"


@pytest.fixture
def redis() -> Redis:
    return get_redis_connection("default")


def alive(client: Client) -> bool:
    """Whether Redis has the client's session, and both indexes know it."""
    redis = get_redis_connection("default")
    found = session_id(client)
    there = bool(redis.exists(session_key_name(found)))
    assert (redis.zscore("sessions:live", found) is not None) == there
    return there


# --- The index ---


def test_both_indexes_know_a_session_until_its_end(redis: Redis) -> None:
    user = UserFactory()
    client = browser_as(user)
    key = f"sessions:user:{user.pk}"
    for name in (key, "sessions:live"):
        assert redis.zrange(name, 0, -1) == [session_id(client).encode()]
        assert 3595 <= redis.ttl(name) <= 3600
    before = redis.zscore(key, session_id(client))
    client.get(ME)
    assert redis.zscore(key, session_id(client)) > before
    client.logout()
    assert redis.keys("session*") == []


def test_a_new_key_takes_the_place_of_the_old_one(redis: Redis) -> None:
    user = UserFactory()
    client = browser_as(user)
    session = SessionStore(session_id(client))
    session.cycle_key()
    for name in (f"sessions:user:{user.pk}", "sessions:live"):
        assert redis.zrange(name, 0, -1) == [session.session_key.encode()]


def test_what_has_expired_is_dropped(redis: Redis) -> None:
    user = UserFactory()
    old = {"a" * 32: 1_000_000}
    redis.zadd(f"sessions:user:{user.pk}", old)
    redis.zadd("sessions:live", old)
    assert live_sessions.sessions_of_user(user.pk) == []
    client = browser_as(user)
    for name in (f"sessions:user:{user.pk}", "sessions:live"):
        assert redis.zrange(name, 0, -1) == [session_id(client).encode()]


def test_visitors_are_in_no_index(redis: Redis) -> None:
    session = SessionStore()
    session["next"] = "/"
    session.save()
    assert redis.keys("sessions:*") == []


# --- What ends sessions ---


@commits
@pytest.mark.parametrize(
    "changes", [{"role": Role.TEACHER}, {"is_active": False}, {"password": "!"}]
)
def test_who_is_changed_is_signed_out_at_once(redis: Redis, changes: dict[str, Any]) -> None:
    user, other = UserFactory(), browser_as(UserFactory())
    clients = [browser_as(user), browser_as(user)]
    found = User.objects.get(pk=user.pk)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(update_fields=list(changes))
    assert not any(alive(client) for client in clients)
    assert redis.exists(f"sessions:user:{user.pk}") == 0
    assert [client.get(ME).status_code for client in clients] == [401, 401]
    assert alive(other)


@commits
@pytest.mark.parametrize(
    "changes", [{"role": Role.TEACHER}, {"is_active": False}, {"password": "!"}]
)
def test_it_holds_even_if_redis_was_down(settings: Any, changes: dict[str, Any]) -> None:
    user, up = UserFactory(), settings.CACHES
    client = browser_as(user)
    settings.CACHES = {"default": {**up["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    found = User.objects.get(pk=user.pk)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save()
    settings.CACHES = up
    assert alive(client)
    assert client.get(ME).status_code == 401


def test_a_key_of_before_is_still_good(settings: Any) -> None:
    user = UserFactory()
    client = browser_as(user)
    settings.SECRET_KEY_FALLBACKS = [django_settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50
    request = RequestFactory().get("/")
    request.session = SessionStore(session_id(client))
    assert get_user(request) == user


@commits
def test_nothing_else_ends_a_session(django_assert_num_queries: Any) -> None:
    user = UserFactory()
    client = browser_as(user)
    found = User.objects.get(pk=user.pk)
    found.name = "Somebody Else"
    with django_assert_num_queries(1):  # who remembers asks nobody
        found.save()
    assert alive(client)
    found.role = Role.TEACHER
    found.save(update_fields=["name"])  # the role is not written
    assert alive(client)
    found.refresh_from_db()
    found.save()
    assert alive(client)


@commits
def test_a_change_that_is_rolled_back_ends_nothing() -> None:
    user = UserFactory()
    client = browser_as(user)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        user.role = Role.ADMIN
        user.save()
        raise ZeroDivisionError
    assert alive(client)


@commits
def test_a_new_address_is_written_into_the_sessions(redis: Redis) -> None:
    user = UserFactory()
    client = browser_as(user)
    user.email = "new@school.test"
    user.save()
    assert redis.hget(session_key_name(session_id(client)), "email") == b"new@school.test"
    assert client.get(ME).status_code == 200


@commits
def test_ones_own_new_password_ends_the_other_sessions() -> None:
    user = UserFactory()
    here, there = browser_as(user), browser_as(user)
    before = session_id(here)
    assert here.post("/accounts/password/change/", new_password()).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new_password()["password1"])
    assert session_id(here) != before
    assert alive(here) and here.get(ME).status_code == 200
    assert not alive(there) and there.get(ME).status_code == 401


@commits
def test_a_password_set_by_an_admin_ends_all() -> None:
    user, admin = UserFactory(), browser_as(AdminFactory())
    client = browser_as(user)
    new = {"password1": "another-Long-password-8", "password2": "another-Long-password-8"}
    response = admin.post(f"/admin/accounts/user/{user.pk}/password/", new)
    assert response.status_code == 302, response.context["form"].errors
    assert not alive(client)
    assert alive(admin)


@commits
def test_who_is_deleted_has_no_sessions() -> None:
    user = UserFactory()
    client = browser_as(user)
    user.delete()
    assert not alive(client)
