"""Searches and what they find, as the API shows them."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config import limits
from config.api.serializers import Serializer
from retrieval.hybrid import SearchMode
from retrieval.selectors import passage_link


class _QuerySerializer(Serializer):
    """What every search can be asked."""

    q = serializers.CharField(max_length=limits.SEARCH_QUERY_MAX)
    mode = serializers.ChoiceField(
        choices=[mode.value for mode in SearchMode],
        default=SearchMode.HYBRID.value,
        help_text="hybrid: by meaning and by words; dense: by meaning; sparse: by words.",
    )
    limit = serializers.IntegerField(
        default=limits.SEARCH_RESULTS, min_value=1, max_value=limits.SEARCH_RESULTS_MAX
    )


class SearchQuerySerializer(_QuerySerializer):
    """A search. Without `classroom`, in all of the caller's classes."""

    classroom = serializers.ListField(child=serializers.UUIDField(), required=False)
    document = serializers.UUIDField(required=False)
    document_type = serializers.CharField(max_length=50, required=False)
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)


class WebSearchQuerySerializer(_QuerySerializer):
    """A search in the school's web pages."""

    topic = serializers.CharField(max_length=limits.WEB_TOPIC_MAX, required=False)
    ingested_after = serializers.DateTimeField(required=False)
    ingested_before = serializers.DateTimeField(required=False)


class TermSerializer(Serializer):
    """A word of the query in a passage: `idf` times `weight` is its part of `sparse_score`."""

    word = serializers.CharField()
    idf = serializers.FloatField()
    weight = serializers.FloatField()


class HitExplanationSerializer(Serializer):
    """What made a hit's place: its rank and score by meaning (cosine similarity) and by words
    (BM25); null where it was not found so. The hit's `score` is the sum of 1 / (60 + rank)."""

    dense_rank = serializers.IntegerField(allow_null=True)
    dense_score = serializers.FloatField(allow_null=True)
    sparse_rank = serializers.IntegerField(allow_null=True)
    sparse_score = serializers.FloatField(allow_null=True)
    terms = TermSerializer(many=True)


class _HitSerializer(Serializer):
    """What a hit of either kind has."""

    rank = serializers.IntegerField()
    score = serializers.FloatField()
    explanation = HitExplanationSerializer()
    headings = serializers.ListField(child=serializers.CharField(), source="passage.headings")
    text = serializers.CharField(source="passage.text")
    highlights = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Start and end of the query's words in `text`, in characters.",
    )


class _LinkedSerializer(Serializer):
    """Where a passage stands: its file, page or second, and a link that opens it there."""

    document_id = serializers.UUIDField()
    classroom_id = serializers.UUIDField()
    document_type = serializers.CharField()
    filename = serializers.CharField()
    page_number = serializers.IntegerField(allow_null=True)
    start_seconds = serializers.FloatField(allow_null=True)
    chunk_index = serializers.IntegerField()
    url = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_url(self, passage: Any) -> str:
        return passage_link(passage, self.context["request"].user)


class PlaceSerializer(_LinkedSerializer):
    """Where a passage stands that says the same as a hit."""


class SearchHitSerializer(_HitSerializer):
    """A passage that answers."""

    document_id = serializers.UUIDField(source="passage.document_id")
    classroom_id = serializers.UUIDField(source="passage.classroom_id")
    document_type = serializers.CharField(source="passage.document_type")
    filename = serializers.CharField(source="passage.filename")
    page_number = serializers.IntegerField(source="passage.page_number", allow_null=True)
    start_seconds = serializers.FloatField(source="passage.start_seconds", allow_null=True)
    chunk_index = serializers.IntegerField(source="passage.chunk_index")
    created_at = serializers.DateTimeField(source="passage.created_at")
    url = serializers.SerializerMethodField()
    duplicates = PlaceSerializer(many=True, help_text="Other places that say the same.")

    @extend_schema_field(serializers.CharField())
    def get_url(self, hit: Any) -> str:
        return passage_link(hit.passage, self.context["request"].user)


class WebPlaceSerializer(Serializer):
    """A page that says the same as a hit."""

    source_url = serializers.CharField()
    title = serializers.CharField()


class WebHitSerializer(_HitSerializer):
    """A passage of a web page that answers."""

    source_url = serializers.CharField(source="passage.source_url")
    title = serializers.CharField(source="passage.title")
    topic = serializers.CharField(source="passage.topic")
    ingested_at = serializers.DateTimeField(source="passage.ingested_at")
    duplicates = WebPlaceSerializer(many=True, help_text="Other pages that say the same.")


class _ResultSerializer(Serializer):
    """What a search found, best first."""

    query = serializers.CharField()
    close = serializers.BooleanField(
        help_text="False: nothing matches well, and these are merely the nearest passages."
    )
    degraded = serializers.BooleanField(
        help_text="The vector store is down: what you see was found by words only."
    )


class SearchResultSerializer(_ResultSerializer):
    """What a search found, best first."""

    results = SearchHitSerializer(many=True)


class WebSearchResultSerializer(_ResultSerializer):
    """What a search of web pages found, best first."""

    results = WebHitSerializer(many=True)


def result_data(query: str, result: Any) -> Mapping[str, Any]:
    """A search's result as the serializers take it."""
    return {
        "query": query,
        "close": result.close,
        "degraded": result.degraded,
        "results": result.hits,
    }
