"""Keeps what `accounts.activity` tells."""

import logging
from typing import Any

from django.dispatch import receiver

from accounts.activity import Activity, activity_recorded
from config.errors import StoreUnavailable
from config.stores import stores

logger = logging.getLogger(__name__)


@receiver(activity_recorded)
def keep_activity(activity: Activity, **kwargs: Any) -> None:
    """Write the entry, after the commit of what it tells of. A store that is down is logged."""
    try:
        stores["activity_logs"].add([activity])
    except StoreUnavailable as error:
        logger.error(
            "activity not kept: %s of %s %s by %s: %s",
            activity.action,
            activity.resource_type,
            activity.resource_id,
            activity.user_id,
            error,
        )
