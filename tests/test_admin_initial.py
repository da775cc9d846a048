"""What stands in the address of an add page never breaks it, and shows nothing foreign."""

import uuid

import pytest
from django.apps import apps
from django.urls import reverse

from accounts.tests.clients import browser_as
from accounts.tests.factories import AdminFactory
from classrooms.tests.people import make_school
from tests.admin_matrix import pages

pytestmark = pytest.mark.django_db

VALUES = ("abc", "", "-1", "1" * 40, "a,b", "2026-01-01 10:00", str(uuid.uuid4()))
PAGES = sorted({name for _, name, _ in pages() if name.endswith("_add")})


@pytest.mark.parametrize("page", PAGES)
def test_any_value_of_any_field(page: str) -> None:
    browser = browser_as(AdminFactory())
    path = reverse(f"admin:{page}")
    if browser.get(path).status_code != 200:
        return  # nothing is added there by hand
    app, name, _ = page.split("_")
    model = apps.get_model(app, name)
    for field in (*model._meta.get_fields(), None):
        name = "nothing" if field is None else field.name
        for value in VALUES:
            response = browser.get(f"{path}?{name}={value}")
            assert response.status_code == 200, (name, value)


def test_a_class_that_one_does_not_see_is_not_chosen() -> None:
    school = make_school()
    browser = browser_as(school.teacher)
    path = reverse("admin:classrooms_rosterimport_add")
    own = browser.get(f"{path}?classroom={school.classroom.pk}").content.decode()
    assert "Algebra" in own
    foreign = browser.get(f"{path}?classroom={school.other.pk}").content.decode()
    assert "Biology" not in foreign
