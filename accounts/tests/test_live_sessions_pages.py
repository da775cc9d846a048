"""Sessions are listed and ended by their owner through the API, and by admins on their page."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_redis import get_redis_connection
from redis import Redis

from accounts import services
from accounts.session_scripts import session_handle, session_key_name
from accounts.tests.clients import api_as, browser_as
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from accounts.tests.test_sessions import session_id
from config.errors import NotAllowed, NotFound

# Redis is spoken to here: once more on the real server.
pytestmark = [pytest.mark.django_db, pytest.mark.contract]

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


# --- One's own, through the API ---


def test_ones_sessions() -> None:
    user = UserFactory()
    phone, desk = api_as(user), api_as(user)
    phone.get(ME, headers={"User-Agent": "Phone/1"})
    found = desk.get(MINE, headers={"User-Agent": "Desk/1"}).json()
    assert (found["next"], found["previous"]) == (None, None)
    assert {row["current"]: row["id"] for row in found["results"]} == {
        True: session_handle(session_id(desk)),
        False: session_handle(session_id(phone)),
    }
    phones = next(row for row in found["results"] if not row["current"])
    assert (phones["user_agent"], phones["ip_address"]) == ("Phone/1", "127.0.0.1")
    assert datetime.fromisoformat(phones["last_activity"]) >= datetime.fromisoformat(
        phones["created_at"]
    )
    text = desk.get(MINE).content.decode()
    assert session_id(desk) not in text and session_id(phone) not in text


def test_ending_one() -> None:
    user = UserFactory()
    phone, desk, stranger = api_as(user), api_as(user), api_as(UserFactory())
    handle = session_handle(session_id(phone))
    assert stranger.delete(f"{MINE}/{handle}").status_code == 404
    assert desk.delete(f"{MINE}/{'0' * 32}").status_code == 404
    assert alive(phone)
    assert desk.delete(f"{MINE}/{handle}").status_code == 204
    assert not alive(phone) and alive(desk)
    assert phone.get(ME).status_code == 401


def test_ending_the_one_that_asks() -> None:
    client = api_as(UserFactory())
    mine = session_id(client)
    assert client.delete(f"{MINE}/{session_handle(mine)}").status_code == 204
    assert not get_redis_connection("default").exists(session_key_name(mine))
    assert session_id(client) == ""


def test_signing_out_everywhere(redis: Redis) -> None:
    user = UserFactory()
    clients = [api_as(user) for _ in range(3)]
    other = api_as(UserFactory())
    assert clients[0].delete(MINE).status_code == 204
    assert [client.get(ME).status_code for client in clients] == [401] * 3
    assert redis.zrange("sessions:live", 0, -1) == [session_id(other).encode()]


def test_visitors_have_none() -> None:
    assert api_as().get(MINE).status_code == 401


# --- Everybody's, for admins ---


def test_only_admins_see_and_end_those_of_others() -> None:
    user, teacher = UserFactory(), TeacherFactory()
    client = browser_as(user)
    handle = session_handle(session_id(client))
    for call in (
        lambda: services.sessions_of(actor=teacher, user=user),
        lambda: services.sessions_page(actor=teacher),
        lambda: services.sessions_end(actor=teacher, user=user),
        lambda: services.session_end_by_handle(actor=teacher, user=user, handle=handle),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert browser_as(teacher).get(PAGE).status_code == 403
    assert browser_as(user).get(PAGE).status_code == 302
    assert alive(client)
    with pytest.raises(NotFound):
        services.session_end_by_handle(actor=AdminFactory(), user=user, handle="0" * 32)


def test_an_admin_ends_one_after_being_asked() -> None:
    admin, user = browser_as(AdminFactory()), UserFactory()
    client, other = browser_as(user), browser_as(user)
    data = {"user": str(user.pk), "session": session_handle(session_id(client))}
    assert b"End this session" in admin.post(PAGE, data).content
    assert alive(client)
    assert admin.post(PAGE, {**data, "confirmed": "1"}).status_code == 302
    assert not alive(client) and alive(other)
    assert admin.get(f"{PAGE}?user={user.pk}&confirmed=1").status_code == 200
    assert admin.post(PAGE, {"user": str(user.pk), "confirmed": "1"}).status_code == 302
    assert not alive(other) and alive(admin)
    for wrong in ({}, {"user": "nobody"}, {"user": "0" * 32}):
        assert admin.post(PAGE, {**wrong, "confirmed": "1"}).status_code == 404


def test_a_form_without_its_token_ends_nothing() -> None:
    admin = Client(enforce_csrf_checks=True)
    admin.force_login(AdminFactory())
    user = UserFactory()
    client = browser_as(user)
    assert admin.post(PAGE, {"user": str(user.pk), "confirmed": "1"}).status_code == 403
    assert alive(client)


def test_the_action_on_a_persons_page() -> None:
    admin, user = browser_as(AdminFactory()), UserFactory()
    client = browser_as(user)
    page = reverse("admin:accounts_user_end_all_sessions", args=[user.pk])
    response = admin.post(page, {"_form_submitted": "True"})
    assert response.status_code == 200
    assert not alive(client)


def test_the_pages_search_filter_and_order(settings: Any) -> None:
    admin = browser_as(AdminFactory(name="Ada Min"))
    for user in (UserFactory(name="Zora Zimt"), TeacherFactory(email="kurt@school.test")):
        browser_as(user).get(ME)

    def shown(query: str) -> list[str]:
        response = admin.get(f"{PAGE}?{query}")
        assert response.status_code == 200
        return [row["person"].name for row in response.context["rows"]]

    assert len(shown("")) == 3
    assert shown("")[0] == "Ada Min"  # who has just asked
    assert shown("q=zora") == ["Zora Zimt"]
    assert len(shown("q=KURT@")) == 1
    assert shown("role=student") == ["Zora Zimt"]
    assert shown("role=student&q=kurt") == []
    assert len(shown("page=7000")) == 0


def test_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.limits.LIVE_SESSIONS_PAGE", 2)
    admin = AdminFactory()
    for _ in range(5):
        browser_as(UserFactory())
    pages = [services.sessions_page(actor=admin, page=number) for number in (1, 2, 3)]
    assert [page.total for page in pages] == [5, 5, 5]
    found = [session for page in pages for session in page.sessions]
    assert len({session.id for session in found}) == 5
    assert found == sorted(found, key=lambda one: one.last_activity, reverse=True)
    searched = services.sessions_page(actor=admin, page=2, role="student")
    assert searched.sessions == found[2:4]
