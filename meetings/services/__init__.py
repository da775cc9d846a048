"""What can be done to meetings, their recordings and their transcripts."""

from meetings.services.meetings import (
    meeting_cancel,
    meeting_delete,
    meeting_end,
    meeting_schedule,
    meeting_start,
    meeting_update,
)
from meetings.services.recordings import (
    recording_delete,
    recording_link,
    recording_update,
    recording_upload,
)
from meetings.services.sweep import orphans_sweep
from meetings.services.transcripts import transcript_delete, transcript_read, transcript_upload

__all__ = [
    "meeting_cancel",
    "meeting_delete",
    "meeting_end",
    "meeting_schedule",
    "meeting_start",
    "meeting_update",
    "orphans_sweep",
    "recording_delete",
    "recording_link",
    "recording_update",
    "recording_upload",
    "transcript_delete",
    "transcript_read",
    "transcript_upload",
]
