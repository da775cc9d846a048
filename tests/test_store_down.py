"""An optional engine that is down takes its own part of the platform with it, and no more."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, TestCase

from accounts.models import Role
from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from classrooms.tests.factories import MemberFactory
from config import limits, store_settings
from config.stores import stores
from meetings.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(settings: Any) -> Iterator[None]:
    """MongoDB, Cassandra and Qdrant, where nobody listens; a class with a student."""
    MemberFactory()
    settings.STORES = {
        **store_settings.EMBEDDED,
        **store_settings.mongodb_stores("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500"),
        **store_settings.cassandra_stores("cassandra://127.0.0.1:1"),
        **store_settings.qdrant_stores("http://127.0.0.1:1"),
    }
    stores.close()
    yield
    stores.close()


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN))
    return client


def test_the_home_page_is_there_without_its_chart(closed: None, admin: Client) -> None:
    response = admin.get("/admin/")
    assert response.status_code == 200
    assert "No chart of activity now: " in response.content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "meetings/meeting/transcripts/",
        "assessments/proctoringreportrow/",
        "analytics/activitylogrow/",
        "analytics/eventrow/",
        "analytics/pageviewrow/",
        "analytics/userengagementrow/",
    ],
)
def test_a_page_of_the_admin_says_what_is_down(closed: None, admin: Client, page: str) -> None:
    response = admin.get(f"/admin/{page}")
    assert response.status_code == 503
    assert "is unavailable" in response.content.decode()
    assert response["Retry-After"] == str(limits.RETRY_AFTER)


def test_the_page_of_collections_says_it_too(closed: None, admin: Client) -> None:
    response = admin.get("/admin/retrieval/document/collections/")
    assert response.status_code == 200
    assert "Qdrant is unavailable" in response.content.decode()


def test_a_page_that_is_away_says_that_the_rest_works(closed: None, admin: Client) -> None:
    response = admin.get("/admin/meetings/meeting/transcripts/")
    assert "Everything that does not need it works" in response.content.decode()


def test_the_api_answers_with_a_problem(closed: None) -> None:
    meeting = MeetingFactory()
    api = api_as(meeting.classroom.teacher)
    response = api.get(f"/api/v1/meetings/{meeting.pk}/transcript")
    assert response.status_code == 503
    assert response.json()["code"] == "store_unavailable"
    assert response.json()["detail"] == "MongoDB is unavailable"  # and not where it is
    assert response["Retry-After"] == str(limits.RETRY_AFTER)
    assert api.get("/api/v1/meetings").status_code == 200


def test_a_meeting_is_deleted_all_the_same(closed: None) -> None:
    meeting = MeetingFactory()
    api = api_as(meeting.classroom.teacher)
    with TestCase.captureOnCommitCallbacks(execute=True):
        response = api.delete(f"/api/v1/meetings/{meeting.pk}")
    assert response.status_code == 204


def test_what_changes_a_class_works_all_the_same(closed: None) -> None:
    teacher = UserFactory(role=Role.TEACHER)
    response = api_as(teacher).post("/api/v1/classrooms", {"name": "Biology"})
    assert response.status_code == 201
