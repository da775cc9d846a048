"""Assessments in the admin."""

from django.contrib import admin

from assessments.admin.assessments import AssessmentAdmin, QuestionAdmin
from assessments.admin.attempts import AttemptAdmin, ProctorSessionAdmin
from assessments.admin.reports import ReportPages
from assessments.admin.submissions import SubmissionAdmin
from assessments.models import (
    Assessment,
    Attempt,
    ProctoringReportRow,
    ProctorSession,
    Question,
    Submission,
)

admin.site.register(Assessment, AssessmentAdmin)
admin.site.register(Question, QuestionAdmin)
admin.site.register(Attempt, AttemptAdmin)
admin.site.register(Submission, SubmissionAdmin)
admin.site.register(ProctorSession, ProctorSessionAdmin)
admin.site.register(ProctoringReportRow, ReportPages)
