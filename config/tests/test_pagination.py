"""Cursor pagination."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.clients import api_as
from accounts.tests.factories import AdminFactory, UserFactory
from config import limits

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users"


def test_every_row_comes_once_even_when_all_are_of_the_same_moment() -> None:
    admin = AdminFactory()
    User.objects.bulk_create(UserFactory.build_batch(30))
    User.objects.update(created_at=timezone.now())
    client, seen, path = api_as(admin), [], f"{USERS}?page_size=7"
    while path:
        page = client.get(path).json()
        assert set(page) == {"next", "previous", "results"}
        assert len(page["results"]) <= 7
        seen += [row["id"] for row in page["results"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 31


def test_new_rows_do_not_shift_the_pages() -> None:
    admin = AdminFactory()
    User.objects.bulk_create(UserFactory.build_batch(6))
    client = api_as(admin)
    first = client.get(f"{USERS}?page_size=4").json()
    User.objects.bulk_create(UserFactory.build_batch(3))
    second = client.get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert len(ids) == len(set(ids)) == 7
    back = client.get(second["previous"]).json()
    assert [row["id"] for row in back["results"]] == [row["id"] for row in first["results"]]


def test_the_page_size_has_a_limit() -> None:
    admin = AdminFactory()
    User.objects.bulk_create(UserFactory.build_batch(limits.PAGE_SIZE_MAX + 5))
    client = api_as(admin)
    assert len(client.get(USERS).json()["results"]) == limits.PAGE_SIZE
    huge = client.get(f"{USERS}?page_size=100000").json()
    assert len(huge["results"]) == limits.PAGE_SIZE_MAX


def test_a_broken_cursor_is_a_400() -> None:
    assert api_as(AdminFactory()).get(f"{USERS}?cursor=broken").status_code == 400


@pytest.mark.parametrize(
    "position", ["cD1ub3QtYS1kYXRl", "cD0lMDA=", "bz05OTk5OTk5OTk5OTk5OTk5OTk="]
)
def test_a_forged_cursor_is_no_server_error(position: str) -> None:
    """`p=not-a-date`, `p=%00` and an offset beyond everything."""
    UserFactory()
    response = api_as(AdminFactory()).get(f"{USERS}?cursor={position}")
    assert response.status_code in (200, 400)
