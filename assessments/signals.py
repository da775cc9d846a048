"""What the grading of answers tells the apps above this one.

`answers_graded` is sent inside the transaction that grades: a receiver that raises undoes
the grading, so what it writes and the grades always agree. It is sent again when an answer
is graded again.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.dispatch import Signal

# sender: Submission; arguments: submission (Submission), outcomes (list[GradedAnswer]).
answers_graded = Signal()


@dataclass(frozen=True)
class GradedAnswer:
    """One graded answer: `fraction` is the part of the question's points, 0 to 1."""

    question_id: UUID
    fraction: float
    graded_at: datetime
