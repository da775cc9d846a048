"""Locks on an assessment, always taken before those on its attempts and submissions.

Students who start or hand in share the assessment and never wait for each other; a teacher
who changes it waits for them, and they for the teacher. So nobody starts while questions
change, and no answer is graded with half of a change.
"""

from django.db import connection

from assessments.models import Assessment, AssessmentState
from config.errors import NotFound


def assessment_share(assessment: Assessment) -> AssessmentState:
    """Keep the assessment as it is until the transaction ends; its state as of now."""
    with connection.cursor() as cursor:  # Django's ORM has no FOR SHARE
        cursor.execute("SELECT 1 FROM assessments WHERE id = %s FOR SHARE", [assessment.pk])
        if cursor.fetchone() is None:
            raise NotFound("This assessment has been deleted.")
    return AssessmentState.objects.get(assessment=assessment)


def assessment_lock(assessment: Assessment) -> Assessment:
    """The assessment and its state, read anew, for this transaction alone to change."""
    try:
        locked: Assessment = Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
    except Assessment.DoesNotExist:
        raise NotFound("This assessment has been deleted.") from None
    locked.state = AssessmentState.objects.get(assessment=locked)
    return locked
