"""Events in: from browsers, each with a verdict, and from the platform itself."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from analytics.events.parse import Rejected, check_properties, parse_event
from analytics.events.registry import EVENT_TYPES, PAGE_VIEW
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import PageHour
from config import limits
from config.errors import InvalidInput, StoreUnavailable, TooLarge
from config.stores import stores

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What became of the event at `index` of a batch; `reason` is a stable code."""

    index: int
    event_id: UUID | None
    status: Literal["accepted", "duplicate", "rejected"]
    reason: str = ""
    detail: str = ""


def events_accept(
    *, actor: User, events: Sequence[object], now: datetime | None = None
) -> list[Verdict]:
    """Take a client's batch of 1 to `limits.EVENTS_PER_REQUEST` events; a verdict for each.

    Good events are kept whatever the others are. "accepted" and "duplicate" are durable.
    Raises TooLarge, InvalidInput for an empty batch, StoreUnavailable.
    """
    if len(events) > limits.EVENTS_PER_REQUEST:
        raise TooLarge(f"A batch has at most {limits.EVENTS_PER_REQUEST} events.")
    if not events:
        raise InvalidInput(errors={"events": ["A batch has at least one event."]})
    now = now or timezone.now()
    parsed: dict[int, Event] = {}
    refused: dict[int, Rejected] = {}
    for index, raw in enumerate(events):
        try:
            parsed[index] = parse_event(raw, user_id=actor.pk, now=now)
        except Rejected as rejected:
            refused[index] = rejected
    new = events_record(events=list(parsed.values()))
    verdicts = []
    for index in range(len(events)):
        if index in refused:
            why = refused[index]
            verdicts.append(Verdict(index, None, "rejected", why.reason, why.detail))
            continue
        event_id = parsed[index].event_id
        verdicts.append(Verdict(index, event_id, "accepted" if event_id in new else "duplicate"))
        new.discard(event_id)  # the same id again in this batch is a duplicate
    return verdicts


def events_record(*, events: Sequence[Event]) -> set[UUID]:
    """Write events that the platform vouches for (any time, any type) and count page views.

    Returns the ids that are new; a replay changes nothing. Raises InvalidInput for an event
    that its type does not allow, StoreUnavailable.
    """
    for event in events:
        if event.event_type not in EVENT_TYPES:
            raise InvalidInput(errors={"event_type": [f"unknown: {event.event_type}"]})
        try:
            check_properties(event)
        except Rejected as rejected:
            raise InvalidInput(errors={"properties": [rejected.detail]}) from None
    if not events:
        return set()
    new: set[UUID] = stores["events"].add(events)
    counts = page_view_counts(event for event in events if event.event_id in new)
    try:
        stores["page_view_stats"].add(counts)
    except StoreUnavailable as error:
        # The events are safe, and the reconciler counts what is missing here.
        logger.warning("page views not counted live: %s", error)
    return new


def page_view_counts(events: Iterable[Event]) -> Counter[PageHour]:
    """The page views among the events, each id once, by day, hour (UTC) and page."""
    views = {event.event_id: event for event in events if event.event_type == PAGE_VIEW}
    counts: Counter[PageHour] = Counter()
    for event in views.values():
        moment = event.event_time.astimezone(UTC)
        counts[PageHour(moment.date(), moment.hour, event.properties["page"])] += 1
    return counts
