"""Web pages as the API shows them."""

from typing import Any

from rest_framework import serializers

from config import limits
from config.api.serializers import ModelSerializer, Serializer
from config.errors import InvalidInput
from retrieval.models import WebPage


class WebPageSerializer(ModelSerializer):
    """A web page, or a sitemap, and how far its reading is.

    `error_code` is "gone" for one that its server says is no more. `done` of `total` are
    passages, of a sitemap pages.
    """

    class Meta:
        model = WebPage
        fields = (
            "id",
            "kind",
            "source_url",
            "host",
            "title",
            "topic",
            "sitemap",
            "duplicate_of",
            "added_by",
            "state",
            "error_code",
            "error",
            "warnings",
            "done",
            "total",
            "chunks",
            "created_at",
            "updated_at",
            "checked_at",
            "ingested_at",
        )
        read_only_fields = fields


class WebPagesAddSerializer(Serializer):
    """Addresses of pages, or of one sitemap whose pages are added."""

    urls = serializers.ListField(
        child=serializers.CharField(max_length=limits.WEB_URL_MAX),
        required=False,
        min_length=1,
        max_length=limits.WEB_PAGES_PER_REQUEST,
    )
    sitemap = serializers.CharField(max_length=limits.WEB_URL_MAX, required=False)
    topic = serializers.CharField(max_length=limits.WEB_TOPIC_MAX, default="", allow_blank=True)
    refresh = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("urls" in attrs) == ("sitemap" in attrs):
            raise InvalidInput(errors={"urls": ["Either urls or a sitemap is needed."]})
        return attrs


class WebPagesSerializer(Serializer):
    """The rows of what was added: each address once, also of what was there already."""

    pages = WebPageSerializer(many=True)
