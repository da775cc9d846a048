"""The nightly rollups: closed days computed from their events, as often as you like."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from analytics.models import LearningDay
from analytics.rollups.engagement import EngagementDay
from analytics.rollups.learning import LearningPart, LearningParts, monday_of, weeks
from analytics.stores.events.base import Event, hours_of
from config import limits
from config.errors import InvalidInput
from config.locks import exclusive
from config.stores import stores

DAY = timedelta(days=1)
_BATCH = 1000


@dataclass
class RollupResult:
    """The days that were computed, and those that were left as they are, with the reason."""

    done: list[date] = field(default_factory=list)
    open: list[date] = field(default_factory=list)  # not over yet
    expired: list[date] = field(default_factory=list)  # some of their events are gone


def rollups_rebuild(
    *,
    start: date,
    end: date,
    now: datetime,
    on_day: Callable[[date], object] = lambda day: None,
) -> RollupResult:
    """Compute user_engagement and learning_progress of the UTC days `start` to `end`, both in.

    The same events give the same rows, however often this runs. `now` decides which days
    are over and still have all their events; the others are not touched. `on_day` is called
    after each day. Raises InvalidInput, StoreUnavailable.
    """
    if start > end:
        raise InvalidInput(f"the first day, {start}, is after the last, {end}")
    result = RollupResult()
    for number in range((end - start).days + 1):
        day = start + number * DAY
        first = _midnight(day)
        if first + DAY > now:
            result.open.append(day)
        elif first <= now - limits.EVENT_RETENTION:
            result.expired.append(day)
        else:
            with exclusive("rollups"):
                _rebuild_day(day)
            result.done.append(day)
        on_day(day)
    for monday in sorted({monday_of(day) for day in result.done}):
        with exclusive("rollups"):
            _rebuild_week(monday)
    return result


def retained_days(now: datetime) -> tuple[date, date]:
    """The first and the last closed day that still has all its events."""
    today = now.astimezone(UTC).date()
    return today - limits.EVENT_RETENTION + DAY, today - DAY


def _rebuild_day(day: date) -> None:
    engagement, learning = EngagementDay(day), LearningParts(day)
    for event in _events_of(day):
        engagement.see(event)
        learning.see(event)
    stores["user_engagement"].save(engagement.rows)
    _save_parts(learning.parts)


def _rebuild_week(monday: date) -> None:
    rows = LearningDay.objects.filter(date__gte=monday, date__lt=monday + 7 * DAY)
    parts = (
        LearningPart(
            user_id=row.user_id,
            subject=row.subject,
            date=row.date,
            lessons=set(row.lessons),
            minutes=row.minutes,
            scores=row.scores,
            topics=set(row.topics),
        )
        for row in rows.order_by("user_id", "subject", "date").iterator(chunk_size=_BATCH)
    )
    stores["learning_progress"].save(weeks(parts))


def _save_parts(parts: Iterable[LearningPart]) -> None:
    LearningDay.objects.bulk_create(
        [
            LearningDay(
                user_id=part.user_id,
                subject=part.subject,
                date=part.date,
                lessons=sorted(part.lessons),
                minutes=part.minutes,
                scores=part.scores,
                topics=sorted(part.topics),
            )
            for part in parts
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["user_id", "subject", "date"],
        update_fields=["lessons", "minutes", "scores", "topics"],
    )


def _events_of(day: date) -> Iterator[Event]:
    """The day's events in the order of their time: an hour at a time in memory."""
    first = _midnight(day)
    for hour in hours_of(first, first + DAY):
        yield from reversed(list(stores["events"].of_hour(hour)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
