"""Events and rollups, as far as the caller may see them."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from accounts.models import User
from accounts.policies import require
from analytics.models import LearningDay
from analytics.selectors.people import visible_person, visible_user_ids
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import LearningProgress, PageViews, UserEngagement
from config import limits
from config.stores import stores


def page_views_of(*, caller: User, day: date) -> list[PageViews]:
    """The page views of a day (UTC), live: the latest hour first, then by page."""
    require(caller, "analytics.view_pageviewrow")
    found: list[PageViews] = stores["page_view_stats"].of_date(day)
    return found


def events_of_hour(
    *, caller: User, hour: datetime, event_type: str | None = None, user: UUID | None = None
) -> list[Event]:
    """An hour's newest events of the people that the caller may see, at most
    `limits.ANALYTICS_ROWS`."""
    require(caller, "analytics.view_eventrow")
    events = stores["events"].of_hour(hour, user_ids=visible_user_ids(caller, user))
    wanted = (event for event in events if event_type in (None, event.event_type))
    return list(islice(wanted, limits.ANALYTICS_ROWS))


def engagement_history(
    *, caller: User, user: UUID | None = None, limit: int = limits.ENGAGEMENT_DAYS
) -> list[UserEngagement]:
    """A person's last days of engagement (the caller's without `user`), newest first.

    Raises NotFound for a person whose data the caller may not see.
    """
    person = visible_person(caller, user)
    found: list[UserEngagement] = stores["user_engagement"].history(person.pk, limit=limit)
    return found


def learning_progress_of(
    *, caller: User, subject: str, user: UUID | None = None
) -> Sequence[LearningProgress]:
    """A person's weeks in a subject (the caller's without `user`), newest first.

    Raises NotFound for a person whose data the caller may not see.
    """
    person = visible_person(caller, user)
    found: Sequence[LearningProgress] = stores["learning_progress"].in_subject(person.pk, subject)
    return found


def subjects_of(*, caller: User, user: UUID | None = None) -> list[str]:
    """The subjects in which a person has learning progress, by name."""
    person = visible_person(caller, user)
    days = LearningDay.objects.filter(user_id=person.pk)
    return list(days.order_by("subject").values_list("subject", flat=True).distinct())
