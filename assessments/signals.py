"""What grading and releasing tell the apps above this one.

`answers_graded` is sent inside the transaction that grades: a receiver that raises undoes
the grading, so what it writes and the grades always agree. It is sent again when an answer
is graded again. `results_released` is sent inside the transaction that releases, once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.dispatch import Signal

# sender: Submission; arguments: submission (Submission), outcomes (list[GradedAnswer]).
answers_graded = Signal()
# sender: Assessment; arguments: assessment (Assessment).
results_released = Signal()


@dataclass(frozen=True)
class GradedAnswer:
    """One graded answer: `fraction` is the part of the question's points, 0 to 1."""

    question_id: UUID
    fraction: float
    graded_at: datetime
