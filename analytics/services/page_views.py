"""Page view counters made exact: each closed hour is compared with its events."""

from datetime import UTC, datetime
from itertools import groupby

from analytics.services.intake import page_view_counts
from analytics.stores.events.base import HOUR, hours_of
from analytics.stores.rollups.base import PageHour
from config import limits
from config.locks import exclusive
from config.stores import stores


def page_views_reconcile(*, start: datetime, end: datetime, now: datetime) -> int:
    """Correct the counters of the closed hours from `start` to `end`; how many were wrong.

    Hours that have lost events to the retention are left as they are. An event that arrives
    for a closed hour while this runs may leave its counter off by one until the next run.
    """
    closed = [
        hour
        for hour in hours_of(start, end)
        if hour + HOUR <= now and hour > now - limits.EVENT_RETENTION
    ]
    return sum(
        _reconcile_day(list(hours)) for _, hours in groupby(closed, key=lambda hour: hour.date())
    )


def _reconcile_day(hours: list[datetime]) -> int:
    day = hours[0].astimezone(UTC).date()
    numbers = {hour.hour for hour in hours}
    with exclusive("page_view_stats"):
        counted = {
            PageHour(row.date, row.hour, row.page): row.view_count
            for row in stores["page_view_stats"].of_date(day)
            if row.hour in numbers
        }
        differences = dict.fromkeys(counted, 0)
        for hour in hours:
            for key, exact in page_view_counts(stores["events"].of_hour(hour)).items():
                differences[key] = exact
        for key, count in counted.items():
            differences[key] -= count
        wrong = {key: difference for key, difference in differences.items() if difference}
        if wrong:
            stores["page_view_stats"].add(wrong)
    return len(wrong)
