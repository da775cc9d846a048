"""The admin's home page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from retrieval.models import IngestState
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db

# A page of numbers must not become slower with the school.
MOST_QUERIES = 15


def home(user: User) -> str:
    web = Client()
    web.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        page = web.get(reverse("admin:index"))
    assert page.status_code == 200
    assert len(queries) <= MOST_QUERIES
    return page.content.decode()


def tile(page: str, label: str) -> int:
    return int(page.split(f'data-tile="{label}">', 1)[1].split("<", 1)[0])


def test_a_teacher_sees_the_numbers_of_their_classes_only() -> None:
    classroom = ClassroomFactory()
    for _ in range(3):
        MemberFactory(classroom=classroom)
    DocumentFactory(classroom=classroom, state=IngestState.FAILED)
    MemberFactory()
    DocumentFactory()
    page = home(classroom.teacher)
    assert (tile(page, "Classes"), tile(page, "Students"), tile(page, "Documents")) == (1, 3, 1)
    assert "1 failed" in page
    assert 'data-tile="People"' not in page
    everything = home(AdminFactory())
    assert (tile(everything, "Classes"), tile(everything, "Students")) == (3, 4)
    assert tile(everything, "People") == User.objects.count()


def test_a_new_teacher_sees_an_empty_page_not_an_error() -> None:
    page = home(TeacherFactory())
    assert tile(page, "Classes") == 0
    assert "None is planned." in page
