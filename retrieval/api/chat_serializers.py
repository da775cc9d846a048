"""Chat as the API shows it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config import limits
from config.api.serializers import ModelSerializer, Serializer
from retrieval.api.serializers import VisibleClassroomField
from retrieval.models import AnswerFeedback, ChatSession
from retrieval.selectors import document_link
from retrieval.services.chat import NOTICES


class ChatSessionSerializer(ModelSerializer):
    """A conversation about a class's material."""

    classroom = VisibleClassroomField()

    class Meta:
        model = ChatSession
        fields = ("id", "classroom", "created_at")
        read_only_fields = ("id", "created_at")


class QuestionSerializer(Serializer):
    """A question to the material."""

    question = serializers.CharField(max_length=limits.CHAT_QUESTION_MAX)


class CitationSerializer(Serializer):
    """Where a part of an answer is from."""

    number = serializers.IntegerField()
    passage_id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    filename = serializers.CharField()
    page_number = serializers.IntegerField(allow_null=True)
    start_seconds = serializers.FloatField(allow_null=True)
    chunk_index = serializers.IntegerField()
    score = serializers.FloatField()
    text = serializers.CharField()
    url = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_url(self, citation: Any) -> str:
        return document_link(
            user=self.context["request"].user,
            document_id=citation.document_id,
            filename=citation.filename,
            page=citation.page_number,
        )


class ChatMessageSerializer(Serializer):
    """A question or an answer with its citations. `content` is plain text."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    answered = serializers.BooleanField(help_text="False where the material has no answer.")
    notices = serializers.ListField(
        child=serializers.ChoiceField(choices=list(NOTICES)),
        help_text="words_only: the vector store is down. model_unavailable: sentences of the "
        "material stand in for the model's answer. interrupted: it broke off. shortened: it was "
        "too long. removed: what it was from is gone.",
    )
    citations = CitationSerializer(many=True)


class ChatHistorySerializer(Serializer):
    """The remembered messages, oldest first."""

    messages = ChatMessageSerializer(many=True)


class StreamEventSerializer(Serializer):
    """A server-sent event; `data` is JSON: of `citations` {"citations": [Citation]}, of `token`
    {"text": …}, of `done` a ChatMessage, of `error` a Problem with its `message`."""

    event = serializers.ChoiceField(choices=["citations", "token", "done", "error"])
    data = serializers.CharField()  # type: ignore[assignment] # a field's name


class FeedbackInputSerializer(Serializer):
    """Whether an answer helped; null takes it back."""

    helpful = serializers.BooleanField(allow_null=True)


class FeedbackSerializer(ModelSerializer):
    """What the caller has said of an answer."""

    class Meta:
        model = AnswerFeedback
        fields = ("message_id", "helpful", "answered", "created_at", "updated_at")
        read_only_fields = fields


class ClickSerializer(Serializer):
    """A cited passage that was opened, by its number."""

    number = serializers.IntegerField(min_value=1, max_value=limits.CHAT_PASSAGES)
