"""Submissions: one serializer for those who grade, another for the student."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import UserSerializer
from assessments.api.serializers.assessments import OptionSerializer
from assessments.models import QuestionGrade, Submission
from assessments.selectors import results_visible
from config import limits
from config.api.serializers import ModelSerializer, Serializer


class _GradeSerializer(ModelSerializer):
    """An answer and its grade; `points` is the most it can earn."""

    question = serializers.UUIDField(source="question_id", read_only=True)
    question_text = serializers.CharField(source="question.question_text", read_only=True)
    question_type = serializers.CharField(source="question.question_type", read_only=True)
    options = OptionSerializer(
        source="question.options", many=True, allow_null=True, read_only=True
    )
    correct_answer = serializers.CharField(
        source="question.correct_answer", allow_null=True, read_only=True
    )
    explanation = serializers.CharField(source="question.guide.explanation", read_only=True)
    points = serializers.IntegerField(source="question.points", read_only=True)
    earned = serializers.DecimalField(
        source="points", max_digits=5, decimal_places=2, allow_null=True, read_only=True
    )
    answer = serializers.SerializerMethodField()

    @extend_schema_field(serializers.JSONField(allow_null=True))
    def get_answer(self, grade: QuestionGrade) -> Any:
        return self.context["answers"].get(str(grade.question_id))


_RESULT_FIELDS = (
    "question",
    "question_text",
    "question_type",
    "options",
    "answer",
    "points",
    "earned",
    "comment",
    "correct_answer",
    "explanation",
)


class ResultSerializer(_GradeSerializer):
    """An answer's result as the student sees it after the release."""

    class Meta:
        model = QuestionGrade
        fields = _RESULT_FIELDS
        read_only_fields = fields


class GradeSerializer(_GradeSerializer):
    """An answer's grade as those who grade see it."""

    rubric = serializers.CharField(source="question.guide.rubric", read_only=True)
    graded_by = UserSerializer(read_only=True, allow_null=True)

    class Meta:
        model = QuestionGrade
        fields = (*_RESULT_FIELDS, "rubric", "graded_by", "graded_at")
        read_only_fields = fields


class SubmissionSerializer(ModelSerializer):
    """A submission as its student sees it: the grading shows once results are released."""

    user = UserSerializer(read_only=True)
    title = serializers.CharField(source="assessment.title", read_only=True)
    released = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    feedback = serializers.SerializerMethodField()
    graded_at = serializers.SerializerMethodField()

    class Meta:
        model = Submission
        fields: Any = (
            "id",
            "assessment",
            "title",
            "user",
            "submitted_at",
            "released",
            "score",
            "graded_at",
            "feedback",
        )
        read_only_fields: Any = fields

    def get_released(self, submission: Submission) -> bool:
        return results_visible(submission)

    @extend_schema_field(serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True))
    def get_score(self, submission: Submission) -> str | None:
        return (
            str(submission.score)
            if self._open(submission) and (submission.score is not None)
            else None
        )

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_feedback(self, submission: Submission) -> str | None:
        return submission.feedback if self._open(submission) else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_graded_at(self, submission: Submission) -> str | None:
        graded_at = submission.graded_at if self._open(submission) else None
        return graded_at.isoformat() if graded_at else None

    def _open(self, submission: Submission) -> bool:
        """Released, or the caller grades it (`taught`: the ids of the classes they run)."""
        taught = self.context.get("taught", ())
        return results_visible(submission) or submission.assessment.classroom_id in taught


class OwnSubmissionSerializer(SubmissionSerializer):
    """One's own submission with the answers, and the results once they are released."""

    results = serializers.SerializerMethodField()
    answers = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta(SubmissionSerializer.Meta):
        fields = (*SubmissionSerializer.Meta.fields, "answers", "results")
        read_only_fields = fields

    @extend_schema_field(ResultSerializer(many=True, allow_null=True))
    def get_results(self, submission: Submission) -> Any:
        if not results_visible(submission):
            return None
        context = {"answers": submission.answers}
        return ResultSerializer(submission.grades.all(), many=True, context=context).data


class TaughtSubmissionSerializer(SubmissionSerializer):
    """A submission with its grades, for those who run the class (context `taught`)."""

    grades = serializers.SerializerMethodField()
    graded_by = UserSerializer(read_only=True, allow_null=True)

    class Meta(SubmissionSerializer.Meta):
        fields = (*SubmissionSerializer.Meta.fields, "graded_by", "grades")
        read_only_fields = fields

    @extend_schema_field(GradeSerializer(many=True))
    def get_grades(self, submission: Submission) -> Any:
        context = {"answers": submission.answers}
        return GradeSerializer(submission.grades.all(), many=True, context=context).data


class GradeWriteSerializer(Serializer):
    """A grade to give."""

    question = serializers.UUIDField(source="question_id")
    points = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=limits.ESSAY_MAX)


class GradingSerializer(Serializer):
    """Grades and feedback of one submission; what is left out stays as it is."""

    grades = GradeWriteSerializer(many=True, required=False)
    feedback = serializers.CharField(required=False, allow_blank=True, max_length=limits.ESSAY_MAX)
