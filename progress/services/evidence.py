"""From recorded evidence to the part that counts, and to the level that it gives."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from progress import mastery
from progress.models import MasteryEvidence


def evidence_of(user_id: UUID, topic_ids: Iterable[UUID]) -> dict[UUID, list[MasteryEvidence]]:
    """All evidence of the user by topic, in the order in which it was recorded."""
    found: dict[UUID, list[MasteryEvidence]] = {}
    rows = MasteryEvidence.objects.filter(user_id=user_id, topic_id__in=list(topic_ids))
    for row in rows.order_by("pk"):
        found.setdefault(row.topic_id, []).append(row)
    return found


def current(evidence: Iterable[MasteryEvidence]) -> list[MasteryEvidence]:
    """Of recorded evidence the part that counts, in the order of the answers.

    A question's latest grade takes the place of its first: what was learned since is not
    undone by a late correction.
    """
    latest: dict[UUID, MasteryEvidence] = {}
    for row in evidence:  # a dict keeps the place of a key's first value
        latest[row.question_id] = row
    return sorted(latest.values(), key=lambda row: row.answered_at)


def level_of(evidence: Iterable[MasteryEvidence]) -> Decimal:
    """The mastery that recorded evidence gives."""
    return mastery.level(mastery.trace(item.fraction for item in current(evidence)))
