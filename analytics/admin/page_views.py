"""Page views by hour and by page."""

from collections import Counter
from typing import Any

from accounts.models import User
from analytics.admin.charts import chart
from analytics.admin.forms import DayForm
from analytics.admin.page import Content, StorePage, Table
from analytics.selectors.rollups import page_views_of
from config import limits


class PageViewsPage(StorePage):
    """The views of a day: live counters, corrected once an hour is closed."""

    title = "Page views"
    form_class = DayForm

    def content(self, caller: User, query: dict[str, Any]) -> Content:
        views = page_views_of(caller=caller, day=query["date"])
        by_hour: Counter[int] = Counter()
        by_page: Counter[str] = Counter()
        for row in views:
            by_hour[row.hour] += row.view_count
            by_page[row.page] += row.view_count
        hours = range(24)
        most = by_page.most_common(limits.ANALYTICS_ROWS)
        return Content(
            charts=[
                chart(
                    f"Views by hour (UTC) on {query['date']}",
                    "bar",
                    [f"{hour:02}:00" for hour in hours],
                    [by_hour[hour] for hour in hours],
                    label="views",
                )
            ],
            tables=[
                Table("Most viewed pages", ("page", "views"), most, "No views on this day."),
                Table(
                    "By hour and page",
                    ("hour (UTC)", "page", "views"),
                    [
                        (f"{row.hour:02}:00", row.page, row.view_count)
                        for row in views[: limits.ANALYTICS_ROWS]
                    ],
                    "No views on this day.",
                ),
            ],
        )
