"""Material, search and chat as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classrooms.models import Classroom
from config import limits
from config.api.serializers import ModelSerializer, Serializer, page_serializer
from retrieval.models import ChatSession, Document
from retrieval.selectors import document_link


@extend_schema_field(serializers.UUIDField())
class VisibleClassroomField(serializers.PrimaryKeyRelatedField):
    """A class of the caller's; any other does not exist."""

    def get_queryset(self) -> Any:
        if "request" not in self.context:
            return Classroom.objects.none()
        return Classroom.objects.visible_to(self.context["request"].user)


class DocumentSerializer(ModelSerializer):
    """A document and how far its ingestion is."""

    download_url = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id",
            "classroom",
            "filename",
            "document_type",
            "size_bytes",
            "state",
            "error_code",
            "error",
            "warnings",
            "done",
            "total",
            "pages",
            "chunks",
            "created_at",
            "updated_at",
            "ingested_at",
            "download_url",
        )
        read_only_fields = fields

    def get_download_url(self, document: Document) -> str:
        return document_link(
            user=self.context["request"].user,
            document_id=document.pk,
            filename=document.filename,
        )


class DocumentUploadSerializer(Serializer):
    """A file for a class. A file of the same name in the class is replaced."""

    classroom = VisibleClassroomField()
    file = serializers.FileField(max_length=limits.FILENAME_MAX, allow_empty_file=True)
    document_type = serializers.CharField(max_length=50, default="material")


class PassageSerializer(Serializer):
    """A passage in the spec's words."""

    id = serializers.UUIDField()
    page_number = serializers.IntegerField(allow_null=True)
    chunk_index = serializers.IntegerField()
    text = serializers.CharField()


PassagePageSerializer = page_serializer(PassageSerializer)


class SearchQuerySerializer(Serializer):
    """A search. Without `classroom`, in all of the caller's classes."""

    q = serializers.CharField(max_length=limits.SEARCH_QUERY_MAX)
    classroom = serializers.ListField(child=serializers.UUIDField(), required=False)
    document = serializers.UUIDField(required=False)
    document_type = serializers.CharField(max_length=50, required=False)
    limit = serializers.IntegerField(
        default=limits.SEARCH_RESULTS, min_value=1, max_value=limits.SEARCH_RESULTS_MAX
    )


class SearchHitSerializer(Serializer):
    """A passage that answers; `score` is the cosine similarity to the query."""

    rank = serializers.IntegerField()
    score = serializers.FloatField()
    document_id = serializers.UUIDField(source="passage.document_id")
    classroom_id = serializers.UUIDField(source="passage.classroom_id")
    document_type = serializers.CharField(source="passage.document_type")
    filename = serializers.CharField(source="passage.filename")
    page_number = serializers.IntegerField(source="passage.page_number", allow_null=True)
    chunk_index = serializers.IntegerField(source="passage.chunk_index")
    text = serializers.CharField(source="passage.text")
    created_at = serializers.DateTimeField(source="passage.created_at")
    url = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_url(self, hit: Any) -> str:
        return document_link(
            user=self.context["request"].user,
            document_id=hit.passage.document_id,
            filename=hit.passage.filename,
            page=hit.passage.page_number,
        )


class SearchResultSerializer(Serializer):
    """What a search found, best first."""

    query = serializers.CharField()
    results = SearchHitSerializer(many=True)


class WebSearchQuerySerializer(Serializer):
    """A search in the school's web pages."""

    q = serializers.CharField(max_length=limits.SEARCH_QUERY_MAX)
    topic = serializers.CharField(max_length=limits.WEB_TOPIC_MAX, required=False)
    limit = serializers.IntegerField(
        default=limits.SEARCH_RESULTS, min_value=1, max_value=limits.SEARCH_RESULTS_MAX
    )


class WebHitSerializer(Serializer):
    """A passage of a web page; `score` is the cosine similarity to the query."""

    score = serializers.FloatField()
    source_url = serializers.CharField(source="passage.source_url")
    title = serializers.CharField(source="passage.title")
    topic = serializers.CharField(source="passage.topic")
    text = serializers.CharField(source="passage.text")
    ingested_at = serializers.DateTimeField(source="passage.ingested_at")


class WebSearchResultSerializer(Serializer):
    """What a search found, best first."""

    query = serializers.CharField()
    results = WebHitSerializer(many=True)


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
    """Where a sentence of an answer is from."""

    number = serializers.IntegerField()
    document_id = serializers.UUIDField()
    filename = serializers.CharField()
    page_number = serializers.IntegerField(allow_null=True)
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
    """A question or an answer with its citations."""

    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    citations = CitationSerializer(many=True)


class ChatHistorySerializer(Serializer):
    """The remembered messages, oldest first."""

    messages = ChatMessageSerializer(many=True)
