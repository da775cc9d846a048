"""Grades told to analytics when the results of their assessment are released."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction

from assessments.models import Assessment
from progress.models import MasteryEvidence, Progress
from progress.services.events import Moved, announce


@transaction.atomic
def grades_announce(*, assessment: Assessment) -> None:
    """Send the events of an assessment's grades; its results are released."""
    graded = MasteryEvidence.objects.filter(question__assessment=assessment)
    new = set(graded.values_list("pk", flat=True))
    # Locked, so that of two releases the later one counts the grades of the earlier.
    rows = Progress.objects.filter(
        user__in=graded.values("user"), topic__in=graded.values("topic")
    ).select_related("topic")
    locked = list(rows.select_for_update(of=("self",)).order_by("user_id", "topic_id"))
    history: dict[tuple[UUID, UUID], list[MasteryEvidence]] = defaultdict(list)
    evidence = MasteryEvidence.objects.filter(
        user__in={row.user_id for row in locked}, topic__in={row.topic_id for row in locked}
    )
    for item in evidence.order_by("pk"):
        history[item.user_id, item.topic_id].append(item)
    moved = []
    for row in locked:
        known = history[row.user_id, row.topic_id]
        moved.append(Moved(row, [item for item in known if item.pk in new], known))
    announce(moved)
