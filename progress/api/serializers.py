"""Topics and progress as the API shows them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import UserSerializer
from accounts.models import User
from assessments.models import Question
from config import limits
from config.api.serializers import ModelSerializer, Serializer
from progress.models import Progress, QuestionTopic, Topic


class TopicSerializer(ModelSerializer):
    """A topic and the topics to know before it."""

    prerequisites = serializers.PrimaryKeyRelatedField(
        many=True, required=False, queryset=Topic.objects.all()
    )

    class Meta:
        model = Topic
        fields = ("id", "subject", "name", "prerequisites", "created_at")
        read_only_fields = ("id", "created_at")
        validators = ()  # the service answers for a name that is taken


class TopicBriefSerializer(ModelSerializer):
    """A topic, where something else is the subject."""

    class Meta:
        model = Topic
        fields = ("id", "subject", "name")
        read_only_fields = fields


class VisibleQuestionField(serializers.PrimaryKeyRelatedField):
    """A question of a class that the caller runs; any other does not exist."""

    def get_queryset(self) -> Any:
        user = getattr(self.context.get("request"), "user", None)
        questions = Question.objects.all()
        return questions.visible_to(user) if isinstance(user, User) else questions.none()


class QuestionTopicSerializer(ModelSerializer):
    """That a question tests a topic."""

    question = VisibleQuestionField()
    topic = serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all())

    class Meta:
        model = QuestionTopic
        fields = ("id", "question", "topic", "created_at")
        read_only_fields = ("id", "created_at")
        validators = ()  # to say it again changes nothing


class ProgressSerializer(ModelSerializer):
    """A person's mastery of a topic, 0 to 1; one's own counts released results only."""

    user = UserSerializer(read_only=True)
    topic = TopicBriefSerializer(read_only=True)

    class Meta:
        model = Progress
        fields = ("id", "user", "topic", "mastery_level", "time_spent_minutes", "last_activity")
        read_only_fields = fields


class TimeSpentSerializer(Serializer):
    """Minutes spent on a topic."""

    minutes = serializers.IntegerField(min_value=1, max_value=limits.TIME_SPENT_MAX_MINUTES)


class StepSerializer(Serializer):
    """What one graded answer did; learners meet those of released results only."""

    question_id = serializers.UUIDField()
    assessment = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField()
    graded_at = serializers.DateTimeField()
    fraction = serializers.FloatField()
    expected = serializers.FloatField()
    before = serializers.DecimalField(max_digits=3, decimal_places=2)
    after = serializers.DecimalField(max_digits=3, decimal_places=2)


class ExplanationSerializer(Serializer):
    """Why a mastery level is what it is: its model, and its steps, the oldest first."""

    mastery_level = serializers.DecimalField(max_digits=3, decimal_places=2)
    model_version = serializers.CharField()
    formula = serializers.CharField()
    steps = StepSerializer(many=True)
