"""The engines that the tests of each store's contract run on: one entry adds an engine."""

from collections.abc import Callable

from analytics.stores.activity.base import ActivityLogStore
from analytics.stores.activity.embedded import EmbeddedActivityLogStore
from analytics.stores.events.base import EventStore
from analytics.stores.events.embedded import EmbeddedEventStore
from analytics.stores.rollups.base import (
    LearningProgressStore,
    PageViewStore,
    UserEngagementStore,
)
from analytics.stores.rollups.embedded import (
    EmbeddedLearningProgressStore,
    EmbeddedPageViewStore,
    EmbeddedUserEngagementStore,
)

ACTIVITY_LOGS: dict[str, Callable[[], ActivityLogStore]] = {"postgresql": EmbeddedActivityLogStore}
EVENTS: dict[str, Callable[[], EventStore]] = {"postgresql": EmbeddedEventStore}
PAGE_VIEWS: dict[str, Callable[[], PageViewStore]] = {"postgresql": EmbeddedPageViewStore}
ENGAGEMENT: dict[str, Callable[[], UserEngagementStore]] = {
    "postgresql": EmbeddedUserEngagementStore
}
LEARNING: dict[str, Callable[[], LearningProgressStore]] = {
    "postgresql": EmbeddedLearningProgressStore
}
