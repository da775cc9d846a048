"""Tables of the embedded engines, and the day parts behind the weekly rollup.

Code outside `analytics/stores/` reads the first five through their stores only: another
engine may hold them.
"""

from analytics.models.activity import ActivityLogRow
from analytics.models.event import EventRow
from analytics.models.rollups import (
    LearningDay,
    LearningProgressRow,
    PageViewRow,
    UserEngagementRow,
)

__all__ = [
    "ActivityLogRow",
    "EventRow",
    "LearningDay",
    "LearningProgressRow",
    "PageViewRow",
    "UserEngagementRow",
]
