"""Why a mastery level is what it is."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounts.models import Role, User
from accounts.policies import require
from assessments.models import Assessment
from progress import mastery
from progress.models import MasteryEvidence, Progress
from progress.services.mastery import current


@dataclass(frozen=True)
class ExplainedStep:
    """What one graded answer did; the numbers are 0 to 1.

    `expected` is how well the model thought the question would be answered. Before the
    results of an assessment are released, its learner gets None for all four numbers;
    `assessment` is None for those who may not see it.
    """

    question_id: UUID
    assessment: str | None
    answered_at: datetime
    graded_at: datetime
    fraction: float | None
    expected: float | None
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Explanation:
    """A mastery level, the model behind it and its steps, the oldest first."""

    mastery_level: Decimal
    model_version: str
    formula: str
    steps: list[ExplainedStep]


def progress_explain(*, caller: User, progress: Progress) -> Explanation:
    """The steps from the first graded answer in the topic to the level of today."""
    require(caller, "progress.view_progress", progress)
    rows = MasteryEvidence.objects.filter(user_id=progress.user_id, topic_id=progress.topic_id)
    evidence = current(rows.select_related("question__assessment__state").order_by("pk"))
    steps = mastery.trace(row.fraction for row in evidence)
    visible = _visible_assessments(caller, evidence)
    return Explanation(
        mastery_level=progress.mastery_level or Decimal(0),
        model_version=mastery.MODEL_VERSION,
        formula=mastery.FORMULA,
        steps=[
            _explained(caller, row, step, visible)
            for row, step in zip(evidence, steps, strict=True)
        ],
    )


def _visible_assessments(caller: User, evidence: list[MasteryEvidence]) -> set[UUID]:
    ids = {row.question.assessment_id for row in evidence}
    found = Assessment.objects.visible_to(caller).filter(pk__in=ids)
    return set(found.values_list("pk", flat=True))


def _explained(
    caller: User, row: MasteryEvidence, step: mastery.Step, visible: set[UUID]
) -> ExplainedStep:
    assessment = row.question.assessment
    shown = caller.pk != row.user_id or caller.role == Role.ADMIN or _is_released(assessment)
    return ExplainedStep(
        question_id=row.question_id,
        assessment=assessment.title if assessment.pk in visible else None,
        answered_at=row.answered_at,
        graded_at=row.graded_at,
        fraction=step.fraction if shown else None,
        expected=round(step.expected, 4) if shown else None,
        before=mastery.as_level(step.before) if shown else None,
        after=mastery.as_level(step.after) if shown else None,
    )


def _is_released(assessment: Assessment) -> bool:
    state = getattr(assessment, "state", None)
    return state is not None and state.results_released_at is not None
