"""Listens to grading and releasing, within the transactions that do it."""

from typing import Any

from django.dispatch import receiver

from assessments.models import Assessment, Submission
from assessments.signals import GradedAnswer, answers_graded, results_released
from progress.services import grades_announce, mastery_record


@receiver(answers_graded)
def move_mastery(submission: Submission, outcomes: list[GradedAnswer], **kwargs: Any) -> None:
    """An error here undoes the grading, so that the two always agree."""
    mastery_record(user=submission.user, outcomes=outcomes, answered_at=submission.submitted_at)


@receiver(results_released)
def announce_grades(assessment: Assessment, **kwargs: Any) -> None:
    """What analytics may know of the grades from now on."""
    grades_announce(assessment=assessment)
