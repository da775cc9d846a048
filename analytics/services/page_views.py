"""Page view counters made exact: each closed hour is compared with its events."""

import logging
from datetime import UTC, datetime
from itertools import chain, groupby

from analytics.services.intake import page_view_counts
from analytics.stores.events.base import HOUR, hours_of
from analytics.stores.rollups.base import PageHour
from config import limits
from config.locks import exclusive
from config.stores import stores

logger = logging.getLogger(__name__)


def page_views_reconcile(*, start: datetime, end: datetime, now: datetime) -> int:
    """Correct the counters of the closed hours from `start` to `end`; how many were wrong.

    Hours that have lost events to the retention are left as they are, and so are those without
    any event: the store of events is then more likely to lack them than the counters to be
    wrong (they were copied to a new engine first, or the shards are fewer than they were). An
    event that arrives
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
        exact: dict[PageHour, int] = {}
        known = set()
        for hour in hours:
            events = stores["events"].of_hour(hour)
            if (first := next(events, None)) is not None:
                known.add(hour.astimezone(UTC).hour)
                exact |= page_view_counts(chain([first], events))
        left = sorted({key.hour for key, count in counted.items() if count} - known)
        if left:
            logger.warning(
                "page views of %s at %s UTC have no events: they are left as they are",
                day,
                ", ".join(f"{hour}:00" for hour in left),
            )
        differences = {
            key: exact.get(key, 0) - counted.get(key, 0)
            for key in counted.keys() | exact.keys()
            if key.hour in known
        }
        wrong = {key: difference for key, difference in differences.items() if difference}
        if wrong:
            stores["page_view_stats"].add(wrong)
    return len(wrong)
