"""The address of an admin's list filters by what the list offers, and by nothing else."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin.sites import all_sites
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.admin_base import ScopedModelAdmin
from accounts.admin_lookups import filter_lookups
from accounts.models import User
from accounts.tests.clients import browser_as
from accounts.tests.factories import AdminFactory
from analytics.models import LearningDay
from classrooms.models import Classroom, Member

pytestmark = pytest.mark.django_db

ADMINS = {model: found for site in all_sites for model, found in site._registry.items()}
LISTS = [model for model, found in ADMINS.items() if isinstance(found, ScopedModelAdmin)]
DATES = ("year", "month", "day", "gte", "lt")


def _name(model: type[Model]) -> str:
    return model._meta.label_lower


def _offered(model: type[Model]) -> set[str]:
    """The fields of the model itself that its list filters by."""
    found = ADMINS[model]
    given: Any = found.list_filter
    names = [item[0] if isinstance(item, tuple) else item for item in given]
    own = {getattr(name, "parameter_name", name) for name in names}
    return own | ({found.date_hierarchy} if found.date_hierarchy else set())


@pytest.fixture
def browser() -> Client:
    return browser_as(AdminFactory())


def test_other_admins_show_no_list_of_rows(browser: Client) -> None:
    """Their pages have forms of their own."""
    for model in ADMINS.keys() - set(LISTS):
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        response = browser.get(page)
        assert response.status_code == 200
        assert "cl" not in (response.context or {}), page


@pytest.mark.parametrize("model", LISTS, ids=_name)
def test_every_admin_refuses_what_it_does_not_offer(model: type[Model]) -> None:
    found = ADMINS[model]
    request = RequestFactory().get("/")
    request.user = AdminFactory()
    for field in model._meta.get_fields():
        name = field.name
        for lookup in ("startswith", "regex", "gt", "contains"):
            assert not found.lookup_allowed(f"{name}__{lookup}", "a", request), (name, lookup)
        for lookup in (name, f"{name}__exact", f"{name}__in", f"{name}__isnull", f"{name}_id"):
            if name not in _offered(model):
                assert not found.lookup_allowed(lookup, "1", request), lookup


@pytest.mark.parametrize("model", LISTS, ids=_name)
def test_an_address_with_a_hidden_column_is_refused(model: type[Model], browser: Client) -> None:
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert browser.get(page).status_code == 200
    hidden = next(field.name for field in model._meta.fields if field.name not in _offered(model))
    for query in (f"{hidden}__startswith=a", f"{hidden}=a", f"{hidden}__isnull=1", "_code=a"):
        assert browser.get(f"{page}?{query}").status_code == 400, query


@pytest.mark.parametrize("model", LISTS, ids=_name)
def test_what_filters_links_and_django_ask_still_works(model: type[Model], browser: Client) -> None:
    found = ADMINS[model]
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    request = RequestFactory().get(page)
    request.user = AdminFactory()
    asked = {"o": "1", "p": "1", "all": "", "_facets": "True"}
    for spec in found.get_changelist_instance(request).get_filters(request)[0]:
        for name in spec.expected_parameters():
            assert found.lookup_allowed(name, "1", request), name
    if found.date_hierarchy:
        asked[f"{found.date_hierarchy}__year"] = str(date.today().year)
        asked[f"{found.date_hierarchy}__month"] = "1"
    assert browser.get(page, asked).status_code == 200


def test_people_are_not_found_by_their_password(browser: Client) -> None:
    page = reverse("admin:accounts_user_changelist")
    for query in ("password__startswith=p", "last_login__isnull=0", "invited_by__email=a"):
        assert browser.get(f"{page}?{query}").status_code == 400
    assert browser.get(f"{page}?role__exact=student&is_active__exact=1").status_code == 200


def test_the_lookups_of_each_kind_of_filter() -> None:
    assert filter_lookups(User, (), None) == frozenset()
    of_class = filter_lookups(Member, (("classroom", admin.RelatedOnlyFieldListFilter),), None)
    assert {"classroom", "classroom__id__exact", "classroom__isnull"} <= of_class
    assert not {name for name in of_class if "join_code" in name}
    of_dates = filter_lookups(LearningDay, ("date",), "date")
    assert {f"date__{lookup}" for lookup in DATES} <= of_dates
    assert "name__gte" not in filter_lookups(Classroom, ("name",), None)


def test_a_class_by_its_key_but_not_by_its_code(browser: Client) -> None:
    page = reverse("admin:classrooms_member_changelist")
    assert browser.get(f"{page}?classroom__id__exact={uuid4()}").status_code == 200
    assert browser.get(f"{page}?classroom__join_code__startswith=A").status_code == 400
