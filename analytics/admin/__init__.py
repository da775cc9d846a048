"""The stores of analytics in the admin, read through their interfaces."""

from django.contrib import admin

from analytics.admin.activity import ActivityPage
from analytics.admin.engagement import EngagementPage
from analytics.admin.events import EventsPage
from analytics.admin.learning import LearningPage
from analytics.admin.learning_days import LearningDayAdmin
from analytics.admin.page_views import PageViewsPage
from analytics.models import (
    ActivityLogRow,
    EventRow,
    LearningProgressRow,
    PageViewRow,
    UserEngagementRow,
)

admin.site.register(ActivityLogRow, ActivityPage)
admin.site.register(EventRow, EventsPage)
admin.site.register(PageViewRow, PageViewsPage)
admin.site.register(UserEngagementRow, EngagementPage)
admin.site.register(LearningProgressRow, LearningPage)

__all__ = ["LearningDayAdmin"]
