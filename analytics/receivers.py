"""Keeps what `accounts.activity` tells."""

import logging
from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.activity import Activity, activity_recorded
from config.errors import StoreUnavailable
from config.stores import stores

logger = logging.getLogger(__name__)


@receiver(activity_recorded)
def keep_activities(activities: Sequence[Activity], **kwargs: Any) -> None:
    """Write the entries, after the commit of what they tell of. A store that is down is logged."""
    try:
        stores["activity_logs"].add(activities)
    except StoreUnavailable as error:
        for activity in activities:
            logger.error(
                "activity not kept: %s of %s %s by %s: %s",
                activity.action,
                activity.resource_type,
                activity.resource_id,
                activity.user_id,
                error,
            )
