"""What a crash between a commit and the work after it may leave behind, is swept."""

from datetime import datetime

from config.storage_sweep import sweep_files
from meetings.models import PRIVATE_SCHEME, Meeting, Recording
from meetings.services.recordings import FOLDER
from meetings.stores.base import transcript_store

_PAGE = 500


def orphans_sweep(*, now: datetime) -> dict[str, int]:
    """Remove transcripts without their meeting, and files that no recording names.

    Files younger than ORPHAN_FILE_AGE stay: their rows may be on the way. Returns how many
    of each went.
    """
    return {"transcripts": _sweep_transcripts(), "files": _sweep_files(now)}


def _sweep_transcripts() -> int:
    store, swept, after = transcript_store(), 0, None
    while page := store.page(after=after, limit=_PAGE):
        ids = [entry.meeting_id for entry in page]
        known = set(Meeting.objects.filter(pk__in=ids).values_list("pk", flat=True))
        swept += sum(store.delete(gone) for gone in ids if gone not in known)
        after = ids[-1]
    return swept


def _sweep_files(now: datetime) -> int:
    def is_named(name: str) -> bool:
        return Recording.objects.filter(file_url=f"{PRIVATE_SCHEME}{name}").exists()

    return sweep_files(FOLDER, is_named, now=now)
