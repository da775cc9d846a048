"""The activity log is written after the commit, and never in the way."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction

from accounts.activity import activity_record
from accounts.tests.factories import UserFactory
from analytics.stores.activity.base import ActivityQuery
from analytics.stores.activity.embedded import EmbeddedActivityLogStore
from config.errors import StoreUnavailable
from config.stores import stores

pytestmark = pytest.mark.django_db(transaction=True)


class DownStore(EmbeddedActivityLogStore):
    """An engine that is down."""

    def add(self, entries: Any) -> None:
        raise StoreUnavailable


class BrokenStore(EmbeddedActivityLogStore):
    """An engine with a bug."""

    def add(self, entries: Any) -> None:
        raise ZeroDivisionError


def record() -> None:
    activity_record(
        actor=UserFactory.create(),
        action="document_upload",
        resource_type="material",
        resource_id=7,
        metadata={"filename": "notes.pdf"},
    )


def written() -> int:
    return len(stores["activity_logs"].find(ActivityQuery(), limit=10))


def test_an_action_is_logged_when_it_commits() -> None:
    with transaction.atomic():
        record()
        assert written() == 0
    assert written() == 1


def test_an_action_that_is_undone_is_not_logged() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record()
        raise ZeroDivisionError
    assert written() == 0


@pytest.mark.parametrize("engine", ["DownStore", "BrokenStore"])
def test_a_log_that_fails_never_fails_the_action(
    engine: str, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STORES = {**settings.STORES, "activity_logs": {"BACKEND": f"{__name__}.{engine}"}}
    stores.close()
    try:
        with transaction.atomic():
            record()
    finally:
        stores.close()
    assert caplog.records
