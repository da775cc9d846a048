"""Engagement: the people's last days, and one person's history."""

from typing import Any

from accounts.models import Role, User
from analytics.admin.charts import chart
from analytics.admin.forms import PersonForm
from analytics.admin.page import Content, StorePage, Table
from analytics.selectors.people import people_visible_to
from analytics.selectors.rollups import engagement_history
from analytics.stores.rollups.base import UserEngagement
from config import limits
from config.stores import stores

_DAY = ("date (UTC)", "score", "events", "pages", "sessions", "minutes")


class EngagementPage(StorePage):
    """How much students work, by day, up to yesterday."""

    title = "Engagement"
    form_class = PersonForm

    def content(self, caller: User, query: dict[str, Any]) -> Content:
        return self._person(caller, query["person"]) if query["person"] else self._people(caller)

    def _person(self, caller: User, person: User) -> Content:
        history = engagement_history(caller=caller, user=person.pk)
        oldest_first = history[::-1]
        return Content(
            charts=[
                chart(
                    f"Engagement of {person}",
                    "line",
                    [row.date for row in oldest_first],
                    [row.engagement_score for row in oldest_first],
                    label="score, 0 to 100",
                )
            ],
            tables=[Table(f"{person}", _DAY, [_cells(row) for row in history], "No days yet.")],
        )

    def _people(self, caller: User) -> Content:
        people = people_visible_to(caller).filter(role=Role.STUDENT).order_by("email")
        shown = {person.pk: person for person in people[: limits.ANALYTICS_ROWS]}
        last = stores["user_engagement"].histories(list(shown), limit=1)
        rows = [
            (self.link(person, person=person.email), *_cells(last[pk][0]))
            for pk, person in shown.items()
            if pk in last
        ]
        title = f"Last day of each of the first {limits.ANALYTICS_ROWS} students"
        return Content(tables=[Table(title, ("student", *_DAY), rows, "No days yet.")])


def _cells(row: UserEngagement) -> tuple[object, ...]:
    return (
        row.date,
        row.engagement_score,
        row.total_events,
        row.unique_pages,
        row.session_count,
        row.total_time_minutes,
    )
