"""What Celery beat starts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from analytics import tasks
from analytics.services import events_record
from analytics.stores.rollups.base import PageHour
from analytics.tests.factories import event
from config.celery import app
from config.schedule import BEAT_SCHEDULE
from config.stores import stores


@pytest.mark.django_db
def test_the_night_computes_yesterday_and_corrects_its_counters() -> None:
    user, yesterday = uuid4(), timezone.now() - timedelta(days=1)
    events_record(events=[event(user_id=user, at=yesterday)])
    hour = PageHour(yesterday.date(), yesterday.hour, "/")
    stores["page_view_stats"].add({hour: 5})
    assert tasks.rebuild_rollups() == 6
    assert [row.date for row in stores["user_engagement"].history(user)] == [yesterday.date()]
    (views,) = stores["page_view_stats"].of_date(yesterday.date())
    assert views.view_count == 1


@pytest.mark.django_db
def test_the_hourly_task_corrects_the_last_hours() -> None:
    before = timezone.now() - timedelta(hours=2)
    events_record(events=[event(at=before)])
    stores["page_view_stats"].add({PageHour(before.date(), before.hour, "/"): 5})
    assert tasks.reconcile_page_views() == 1
    assert tasks.reconcile_page_views() == 0


def test_the_schedule_names_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    ours = {
        entry["task"] for entry in BEAT_SCHEDULE.values() if entry["task"].startswith("analytics.")
    }
    assert len(ours) == 2
    assert ours <= set(app.tasks)
