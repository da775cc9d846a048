"""What can be read of meetings."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from classrooms.selectors import classroom_ids_of
from config import limits
from config.errors import InvalidInput, NotFound
from meetings.models import Meeting
from meetings.stores.base import Transcript, TranscriptHit, TranscriptSummary, transcript_store


@dataclass(frozen=True, slots=True)
class TranscriptFinding:
    """A hit with the meeting in which the words were said."""

    meeting: Meeting
    hit: TranscriptHit


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """A transcript of the store with its meeting, None if that is gone."""

    meeting: Meeting | None
    summary: TranscriptSummary


def transcript_of(*, meeting: Meeting) -> Transcript:
    """The transcript of a meeting that the caller may see; NotFound if it has none."""
    found = transcript_store().get(meeting.pk)
    if found is None:
        raise NotFound("This meeting has no transcript.", code="no_transcript")
    return found


def transcript_search(
    *,
    user: User,
    query: str,
    classroom_id: UUID | None = None,
    limit: int = limits.SEARCH_RESULTS,
) -> list[TranscriptFinding]:
    """Where the words were said in meetings of the user's classes, best first.

    Membership decides where it looks; `classroom_id` can only narrow that.
    """
    if not query.strip():
        raise InvalidInput(errors={"q": ["Say what to search for."]})
    if len(query) > limits.SEARCH_QUERY_MAX:
        raise InvalidInput(errors={"q": [f"At most {limits.SEARCH_QUERY_MAX} characters."]})
    classroom_ids = set(classroom_ids_of(user))
    if classroom_id is not None:
        classroom_ids &= {classroom_id}
    meetings = Meeting.objects.filter(classroom_id__in=classroom_ids)
    hits = transcript_store().search(
        meeting_ids=list(meetings.values_list("pk", flat=True)),
        query=query,
        limit=max(1, min(limit, limits.SEARCH_RESULTS_MAX)),
    )
    found = meetings.select_related("classroom").in_bulk({hit.meeting_id for hit in hits})
    return [TranscriptFinding(found[h.meeting_id], h) for h in hits if h.meeting_id in found]


def transcript_page(
    *, user: User, after: UUID | None = None, limit: int = limits.PAGE_SIZE
) -> Sequence[TranscriptEntry]:
    """The store's transcripts of meetings that the user may see, by meeting id.

    An admin sees every one, also one whose meeting is gone (the sweep takes those).
    """
    visible = Meeting.objects.visible_to(user)
    ids = None if user.is_superuser else list(visible.values_list("pk", flat=True))
    page = transcript_store().page(meeting_ids=ids, after=after, limit=limit)
    meetings = visible.select_related("classroom").in_bulk([entry.meeting_id for entry in page])
    return [TranscriptEntry(meetings.get(entry.meeting_id), entry) for entry in page]
