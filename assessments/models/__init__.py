"""Assessments, attempts, submissions and proctoring."""

from assessments.models.assessment import (
    Assessment,
    AssessmentState,
    AssessmentType,
    Question,
    QuestionGuide,
    QuestionType,
)
from assessments.models.attempt import Attempt, AttemptState
from assessments.models.proctoring import (
    ProctoringReportRow,
    ProctorSession,
    ProctorSnapshot,
    RiskLevel,
    ViolationType,
)
from assessments.models.submission import QuestionGrade, Submission

__all__ = [
    "Assessment",
    "AssessmentState",
    "AssessmentType",
    "Attempt",
    "AttemptState",
    "ProctorSession",
    "ProctorSnapshot",
    "ProctoringReportRow",
    "Question",
    "QuestionGrade",
    "QuestionGuide",
    "QuestionType",
    "RiskLevel",
    "Submission",
    "ViolationType",
]
