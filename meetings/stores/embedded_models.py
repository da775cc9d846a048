"""The tables of the embedded transcripts engine; only that engine touches them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class TranscriptRow(models.Model):
    """A transcript without its segments."""

    meeting_id = models.UUIDField(primary_key=True)
    full_text = models.TextField()
    word_count = models.IntegerField()
    duration_seconds = models.IntegerField()
    language = models.CharField(max_length=35)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "transcripts"

    def __str__(self) -> str:
        return f"Transcript of {self.meeting_id}"


class TranscriptSegmentRow(models.Model):
    """A segment. It is indexed rather than the whole text: a tsvector holds 1 MB at most.

    `search` holds its words and those of the next segment, as a sentence often runs on.
    """

    pk = models.CompositePrimaryKey("transcript_id", "position")
    transcript = models.ForeignKey(
        TranscriptRow,
        on_delete=models.CASCADE,
        related_name="segments",
        db_column="meeting_id",
        db_index=False,
    )
    position = models.IntegerField()
    speaker_id = models.UUIDField(null=True)
    speaker_name = models.TextField()
    start_time = models.FloatField()
    end_time = models.FloatField()
    text = models.TextField()
    confidence = models.FloatField(null=True)
    search = SearchVectorField()

    class Meta:
        db_table = "transcript_segments"
        indexes = (GinIndex(fields=["search"], name="idx_transcript_segments_search"),)

    def __str__(self) -> str:
        return f"{self.speaker_name}: {self.text}"
