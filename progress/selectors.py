"""Progress as its caller may see it, and why a mastery level is what it is.

Mastery moves when answers are graded, which is before their results are released. What
people see of their own progress therefore counts only the assessments whose results are
released, or their level would tell which answers were right. Those who teach them see the
current level.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from accounts.policies import require
from assessments.models import Assessment
from progress import mastery
from progress.models import MasteryEvidence, Progress, Topic
from progress.services.evidence import current, level_of

# The place in the list of what has no last activity: pages go on from a value, not from null.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SeenProgress:
    """A row of progress as the caller may see it."""

    id: UUID
    user: User
    topic: Topic
    mastery_level: Decimal
    time_spent_minutes: int
    last_activity: datetime | None


@dataclass(frozen=True)
class ExplainedStep:
    """What one graded answer did; the numbers are 0 to 1.

    `expected` is how well the model thought the question would be answered. `assessment` is
    None for those who may not see it.
    """

    question_id: UUID
    assessment: str | None
    answered_at: datetime
    graded_at: datetime
    fraction: float
    expected: float
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Explanation:
    """A mastery level, the model behind it and its steps, the oldest first."""

    mastery_level: Decimal
    model_version: str
    formula: str
    steps: list[ExplainedStep]


def progress_seen_by(caller: User) -> QuerySet[Any]:
    """The rows that the caller may see, to be shown by `progress_as_seen`.

    `seen_at`, never null, is what they are ordered by. Of one's own rows those are left out
    in which nothing is released and no time was spent.
    """
    rows = Progress.objects.visible_to(caller).select_related("user", "topic")
    seen: Any = F("last_activity")
    if caller.role != Role.ADMIN:
        own = Q(user=caller)
        evidence = MasteryEvidence.objects.filter(user=caller, topic=OuterRef("topic"))
        released = evidence.released()
        is_hidden = Exists(evidence.unreleased().filter(answered_at=OuterRef("last_activity")))
        latest = released.order_by("-answered_at").values("answered_at")[:1]
        rows = rows.filter(~own | Q(time_spent_minutes__gt=0) | Exists(released))
        seen = Case(When(own & is_hidden, then=Subquery(latest)), default=seen)
    return rows.annotate(seen_activity=seen, seen_at=Coalesce("seen_activity", _NEVER))


def progress_as_seen(*, caller: User, rows: Sequence[Any]) -> list[SeenProgress]:
    """Rows of `progress_seen_by` as the caller may see them, in at most one query."""
    own = {row.topic_id for row in rows if _is_held_back(caller, row)}
    released = _released_by_topic(caller, own) if own else {}
    return [
        SeenProgress(
            id=row.pk,
            user=row.user,
            topic=row.topic,
            mastery_level=(
                level_of(released.get(row.topic_id, ()))
                if _is_held_back(caller, row)
                else row.mastery_level or Decimal(0)
            ),
            time_spent_minutes=row.time_spent_minutes or 0,
            last_activity=row.seen_activity,
        )
        for row in rows
    ]


def progress_explain(*, caller: User, progress: Progress) -> Explanation:
    """The steps from the first graded answer in the topic to the level that the caller sees."""
    require(caller, "progress.view_progress", progress)
    rows = MasteryEvidence.objects.filter(user_id=progress.user_id, topic_id=progress.topic_id)
    if _is_held_back(caller, progress):
        rows = rows.released()
    evidence = current(rows.select_related("question__assessment").order_by("pk"))
    steps = mastery.trace(row.fraction for row in evidence)
    visible = _visible_assessments(caller, evidence)
    return Explanation(
        mastery_level=mastery.level(steps),
        model_version=mastery.MODEL_VERSION,
        formula=mastery.FORMULA,
        steps=[_explained(row, step, visible) for row, step in zip(evidence, steps, strict=True)],
    )


def _is_held_back(caller: User, row: Progress) -> bool:
    return caller.pk == row.user_id and caller.role != Role.ADMIN


def _released_by_topic(user: User, topic_ids: Iterable[UUID]) -> dict[UUID, list[MasteryEvidence]]:
    found: dict[UUID, list[MasteryEvidence]] = {}
    rows = MasteryEvidence.objects.released().filter(user=user, topic__in=list(topic_ids))
    for row in rows.order_by("pk"):
        found.setdefault(row.topic_id, []).append(row)
    return found


def _visible_assessments(caller: User, evidence: list[MasteryEvidence]) -> set[UUID]:
    ids = {row.question.assessment_id for row in evidence}
    found = Assessment.objects.visible_to(caller).filter(pk__in=ids)
    return set(found.values_list("pk", flat=True))


def _explained(row: MasteryEvidence, step: mastery.Step, visible: set[UUID]) -> ExplainedStep:
    assessment = row.question.assessment
    return ExplainedStep(
        question_id=row.question_id,
        assessment=assessment.title if assessment.pk in visible else None,
        answered_at=row.answered_at,
        graded_at=row.graded_at,
        fraction=step.fraction,
        expected=round(step.expected, 4),
        before=mastery.as_level(step.before),
        after=mastery.as_level(step.after),
    )
