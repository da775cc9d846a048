"""Material as the API shows it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classrooms.models import Classroom
from config import limits
from config.api.serializers import ModelSerializer, Serializer, page_serializer
from retrieval.models import Document
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


class ArchiveUploadSerializer(DocumentUploadSerializer):
    """A ZIP archive for a class; its files get the names that they have in it, with folders."""


class RefusalSerializer(Serializer):
    """A file of an archive that was not taken."""

    filename = serializers.CharField()
    code = serializers.CharField(source="error.code")
    detail = serializers.CharField(source="error.detail")


class ArchiveResultSerializer(Serializer):
    """What became of an archive's files."""

    documents = DocumentSerializer(many=True, help_text="Those that are queued now.")
    unchanged = DocumentSerializer(many=True, help_text="Those that were there already.")
    refused = RefusalSerializer(many=True)


class PassageSerializer(Serializer):
    """A passage in the spec's words."""

    id = serializers.UUIDField()
    page_number = serializers.IntegerField(allow_null=True)
    start_seconds = serializers.FloatField(allow_null=True)
    chunk_index = serializers.IntegerField()
    headings = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField()


PassagePageSerializer = page_serializer(PassageSerializer)
