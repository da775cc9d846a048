"""Rows of progress, made when missing and locked before they are changed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from progress.models import Progress


def locked_rows(user_id: UUID, topic_ids: Iterable[UUID], at: datetime) -> dict[UUID, Progress]:
    """The user's rows of these topics, by topic, locked until the transaction ends.

    Always in the order of the topics' ids, so that two transactions can't wait for each
    other.
    """
    ordered = sorted(set(topic_ids))
    Progress.objects.bulk_create(
        [Progress(user_id=user_id, topic_id=topic_id, last_activity=at) for topic_id in ordered],
        ignore_conflicts=True,
    )
    rows = Progress.objects.filter(user_id=user_id, topic_id__in=ordered).select_related("topic")
    locked = rows.select_for_update(of=("self",)).order_by("topic_id")
    return {row.topic_id: row for row in locked}


def touch(row: Progress, at: datetime) -> None:
    """Note an activity; one that is older than the last changes nothing."""
    row.last_activity = max(row.last_activity or at, at)
