"""Moves mastery when answers are graded, within the transaction that grades them."""

from typing import Any

from django.dispatch import receiver

from assessments.models import Submission
from assessments.signals import GradedAnswer, answers_graded
from progress.services import mastery_record


@receiver(answers_graded)
def move_mastery(submission: Submission, outcomes: list[GradedAnswer], **kwargs: Any) -> None:
    """An error here undoes the grading, so that the two always agree."""
    mastery_record(user=submission.user, outcomes=outcomes, answered_at=submission.submitted_at)
