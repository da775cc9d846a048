"""What can be done with assessments; views and admin call these."""

from assessments.services.assessment import (
    assessment_create,
    assessment_delete,
    assessment_publish,
    assessment_update,
    results_release,
)
from assessments.services.attempt import (
    attempt_autosave,
    attempt_refresh,
    attempt_start,
    attempt_submit,
    attempts_expire,
)
from assessments.services.grading import GradeInput, submission_grade
from assessments.services.proctoring import (
    report_write,
    reports_write,
    sessions_renew,
    snapshot_add,
    violation_record,
)
from assessments.services.question import (
    QuestionInput,
    question_create,
    question_delete,
    question_update,
)

__all__ = [
    "GradeInput",
    "QuestionInput",
    "assessment_create",
    "assessment_delete",
    "assessment_publish",
    "assessment_update",
    "attempt_autosave",
    "attempt_refresh",
    "attempt_start",
    "attempt_submit",
    "attempts_expire",
    "question_create",
    "question_delete",
    "question_update",
    "report_write",
    "reports_write",
    "results_release",
    "sessions_renew",
    "snapshot_add",
    "submission_grade",
    "violation_record",
]
