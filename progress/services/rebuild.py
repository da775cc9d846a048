"""Mastery computed again from its evidence, e.g. for a new version of the model."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from progress.models import MasteryEvidence
from progress.services.evidence import evidence_of, level_of
from progress.services.rows import locked_rows

Pair = tuple[UUID, UUID]  # a user's id and a topic's


def progress_with_evidence() -> list[Pair]:
    """Whose progress in what has evidence."""
    rows = MasteryEvidence.objects.order_by("user_id", "topic_id")
    return list(rows.values_list("user_id", "topic_id").distinct())


def progress_rebuild(*, pairs: Iterable[Pair]) -> int:
    """Set the mastery of these to what the evidence gives; how many of them changed.

    Works row by row under the lock that grading takes, so it may run at any time.
    """
    return sum(_rebuild_row(user_id, topic_id) for user_id, topic_id in pairs)


@transaction.atomic
def _rebuild_row(user_id: UUID, topic_id: UUID) -> bool:
    newest = MasteryEvidence.objects.filter(user_id=user_id, topic_id=topic_id).latest(
        "answered_at"
    )
    row = locked_rows(user_id, [topic_id], newest.answered_at)[topic_id]
    level = level_of(evidence_of(user_id, [topic_id])[topic_id])
    if row.mastery_level == level:
        return False
    row.mastery_level = level
    row.save(update_fields=["mastery_level"])
    return True
