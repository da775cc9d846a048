"""The interface of the transcripts store: what was said in a meeting, and when.

The documents are the spec's collection `transcripts`, one for a meeting. They belong to
their meeting and go with it; none expires by itself.
"""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config import limits
from config.stores import Page, Store, stores
from config.times import to_milliseconds


@dataclass(frozen=True, slots=True)
class TranscriptSegment:
    """What one person said without a pause; times in seconds from the meeting's start.

    `speaker_id` is a user, None if the speaker is not known; `confidence` is 0 to 1, None
    where nobody measured it. `text` holds at most TRANSCRIPT_SEGMENT_MAX characters.
    """

    speaker_name: str
    start_time: float
    end_time: float
    text: str
    speaker_id: UUID | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class TranscriptSummary:
    """A transcript without its words."""

    meeting_id: UUID
    word_count: int
    duration_seconds: int
    language: str
    created_at: datetime  # kept to the millisecond

    def __post_init__(self) -> None:
        object.__setattr__(self, "created_at", to_milliseconds(self.created_at))


@dataclass(frozen=True, slots=True)
class Transcript(TranscriptSummary):
    """A whole transcript: its segments in their order, and `full_text`, all they say."""

    segments: tuple[TranscriptSegment, ...]
    full_text: str


@dataclass(frozen=True, slots=True)
class TranscriptHit:
    """A place in a transcript where the words were said, and the words around it."""

    meeting_id: UUID
    speaker_id: UUID | None
    speaker_name: str
    start_time: float
    end_time: float
    snippet: str


class TranscriptStore(Store[Transcript]):
    """Transcripts by their meeting."""

    copy_batch = 10  # of up to 16 MB each

    @abstractmethod
    def save(self, transcript: Transcript) -> None:
        """Make this the meeting's only transcript, all of it or none."""

    @abstractmethod
    def get(self, meeting_id: UUID) -> Transcript | None:
        """The meeting's transcript, None if it has none."""

    @abstractmethod
    def delete(self, meeting_id: UUID) -> bool:
        """Remove the meeting's transcript; whether there was one."""

    @abstractmethod
    def search(
        self, *, meeting_ids: Collection[UUID], query: str, limit: int
    ) -> list[TranscriptHit]:
        """Where in these meetings all words of the query were said, best first.

        All words: as a word or as the beginning of one, whatever their case, in one segment
        or in it and the next (a sentence often runs on). A query without words finds
        nothing; nor does an empty collection of meetings.
        """

    @abstractmethod
    def page(
        self,
        *,
        meeting_ids: Collection[UUID] | None = None,
        after: UUID | None = None,
        limit: int,
    ) -> list[TranscriptSummary]:
        """Summaries in the order of `meeting_id`, after the given one.

        `meeting_ids` keeps to these meetings (an empty collection: none); None means all.
        """

    def scan(self, *, after: str | None = None, limit: int) -> Page[Transcript]:
        # A page ends early once it is large: the next one may be as large, and both are held.
        summaries = self.page(after=UUID(after) if after else None, limit=limit)
        records: list[Transcript] = []
        for summary in summaries:
            transcript = self.get(summary.meeting_id)
            if transcript is not None:
                records.append(transcript)
            if sum(len(record.full_text) for record in records) >= limits.TRANSCRIPT_SCAN_MAX:
                return Page(records, str(summary.meeting_id))
        more = len(summaries) == limit
        return Page(records, str(summaries[-1].meeting_id) if more else None)

    def load(self, records: Sequence[Transcript]) -> None:
        for transcript in records:
            self.save(transcript)


def transcript_store() -> TranscriptStore:
    """The engine that the settings choose for `transcripts`."""
    store: TranscriptStore = stores["transcripts"]
    return store
