"""Assessments and questions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assessments.models import Assessment, AssessmentType, Question, QuestionType
from classrooms.models import Classroom
from config import limits
from config.api.serializers import ModelSerializer, Serializer


class OptionSerializer(Serializer):
    """One of the answers to choose from."""

    id = serializers.CharField(max_length=36)
    text = serializers.CharField(max_length=limits.OPTION_TEXT_MAX)


class StudentQuestionSerializer(ModelSerializer):
    """A question as one meets it in an attempt."""

    options = OptionSerializer(many=True, allow_null=True, read_only=True)

    class Meta:
        model = Question
        fields = ("id", "question_text", "question_type", "points", "options", "order_index")
        read_only_fields = fields


class QuestionSerializer(ModelSerializer):
    """A question with its answer key, for those who run the class."""

    options = OptionSerializer(many=True, allow_null=True, read_only=True)
    explanation = serializers.CharField(source="guide.explanation", read_only=True)
    rubric = serializers.CharField(source="guide.rubric", read_only=True)

    class Meta:
        model = Question
        fields = (
            "id",
            "assessment",
            "question_text",
            "question_type",
            "points",
            "options",
            "correct_answer",
            "order_index",
            "explanation",
            "rubric",
        )
        read_only_fields = fields


class QuestionWriteSerializer(Serializer):
    """A question to write; the forms of the key are those of its type."""

    question_text = serializers.CharField(max_length=limits.QUESTION_TEXT_MAX)
    question_type = serializers.ChoiceField(choices=QuestionType.choices)
    points = serializers.IntegerField(min_value=1, max_value=limits.ASSESSMENT_MAX_POINTS)
    options = OptionSerializer(many=True, required=False, allow_null=True)
    correct_answer = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=limits.ESSAY_MAX,
        help_text='An option\'s id; for multiple_select a JSON list of ids; "true" or "false"; '
        'a number or "number±tolerance"; accepted texts, one a line; a model essay.',
    )
    explanation = serializers.CharField(
        required=False, allow_blank=True, max_length=limits.QUESTION_TEXT_MAX
    )
    rubric = serializers.CharField(
        required=False, allow_blank=True, max_length=limits.QUESTION_TEXT_MAX
    )
    order_index = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class TaughtAssessmentField(serializers.PrimaryKeyRelatedField):
    """An assessment of the classes that the caller runs."""

    def get_queryset(self) -> Any:
        return Assessment.objects.taught_by(self.context["request"].user)


class QuestionCreateSerializer(QuestionWriteSerializer):
    """A question for an assessment that exists."""

    assessment = TaughtAssessmentField(queryset=Assessment.objects.all())


class AssessmentSerializer(ModelSerializer):
    """An assessment as the whole class may know it."""

    published_at = serializers.DateTimeField(
        source="state.published_at", read_only=True, allow_null=True
    )
    results_released_at = serializers.DateTimeField(
        source="state.results_released_at", read_only=True, allow_null=True
    )
    search_locked = serializers.BooleanField(source="state.search_locked", read_only=True)

    class Meta:
        model = Assessment
        fields = (
            "id",
            "classroom",
            "title",
            "description",
            "type",
            "total_points",
            "due_date",
            "time_limit_minutes",
            "is_proctored",
            "search_locked",
            "published_at",
            "results_released_at",
            "created_at",
        )
        read_only_fields: Any = fields


class TaughtAssessmentSerializer(AssessmentSerializer):
    """An assessment with its questions and their keys, for those who run the class."""

    questions = serializers.SerializerMethodField()

    class Meta(AssessmentSerializer.Meta):
        fields = (*AssessmentSerializer.Meta.fields, "questions")  # type: ignore[assignment]
        read_only_fields = fields

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, assessment: Assessment) -> Any:
        questions = assessment.questions.select_related("guide")
        return QuestionSerializer(questions, many=True).data


class AssessmentUpdateSerializer(Serializer):
    """What can be changed of an assessment."""

    title = serializers.CharField(max_length=200)
    type = serializers.ChoiceField(choices=AssessmentType.choices)
    description = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    due_date = serializers.DateTimeField(required=False, allow_null=True)
    time_limit_minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=limits.TIME_LIMIT_MAX_MINUTES
    )
    is_proctored = serializers.BooleanField(required=False)
    search_locked = serializers.BooleanField(required=False)
    total_points = serializers.IntegerField(
        required=False, help_text="Checked against the sum of the questions' points."
    )


class TaughtClassroomField(serializers.PrimaryKeyRelatedField):
    """One of the classes that the caller runs."""

    def get_queryset(self) -> Any:
        return Classroom.objects.taught_by(self.context["request"].user)


class AssessmentCreateSerializer(AssessmentUpdateSerializer):
    """An assessment to write, with its questions in order."""

    classroom = TaughtClassroomField(queryset=Classroom.objects.all())
    questions = QuestionWriteSerializer(many=True, required=False)
