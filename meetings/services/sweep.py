"""What a crash between a commit and the work after it may leave behind, is swept."""

from datetime import datetime

from django.core.files.storage import default_storage

from config import limits
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
    if not default_storage.exists(FOLDER):
        return 0
    swept = 0
    for filename in default_storage.listdir(FOLDER)[1]:
        name = f"{FOLDER}/{filename}"
        old = default_storage.get_modified_time(name) < now - limits.ORPHAN_FILE_AGE
        if old and not Recording.objects.filter(file_url=f"{PRIVATE_SCHEME}{name}").exists():
            default_storage.delete(name)
            swept += 1
    return swept
