"""The private files of meetings: recordings, and transcripts as WebVTT."""

from io import BytesIO
from uuid import UUID

from django.core.files.storage import default_storage

from accounts.files import PrivateFile, file_link, register_file_kind
from accounts.models import User
from config.errors import NotFound
from meetings.models import Meeting, Recording
from meetings.selectors import transcript_of
from meetings.vtt import vtt_format

_RECORDING = "recording"
_TRANSCRIPT = "transcript"


def register() -> None:
    """Let signed links open these files."""
    register_file_kind(_RECORDING, _open_recording)
    register_file_kind(_TRANSCRIPT, _open_transcript)


def recording_download_url(*, recording: Recording, user: User) -> str:
    """Where this user gets the recording: a signed path, or its place on the web."""
    if recording.storage_name is None:
        return recording.file_url
    return file_link(
        kind=_RECORDING, object_id=recording.pk, filename=_recording_name(recording), user=user
    )


def transcript_download_url(*, meeting: Meeting, user: User) -> str:
    """A signed path to the meeting's transcript as WebVTT."""
    return file_link(
        kind=_TRANSCRIPT, object_id=meeting.pk, filename=f"{_stem(meeting)}.vtt", user=user
    )


def _open_recording(user: User, recording_id: UUID) -> PrivateFile:
    found = Recording.objects.visible_to(user).select_related("meeting").filter(pk=recording_id)
    recording = found.first()
    if recording is None or recording.storage_name is None:
        raise NotFound()
    try:
        content = default_storage.open(recording.storage_name)
    except FileNotFoundError:
        raise NotFound("The file of this recording is gone.") from None
    return PrivateFile(content, _recording_name(recording))


def _open_transcript(user: User, meeting_id: UUID) -> PrivateFile:
    meeting = Meeting.objects.visible_to(user).filter(pk=meeting_id).first()
    if meeting is None:
        raise NotFound()
    content = vtt_format(transcript_of(meeting=meeting))
    return PrivateFile(BytesIO(content.encode()), f"{_stem(meeting)}.vtt")


def _recording_name(recording: Recording) -> str:
    assert recording.storage_name is not None
    return f"{_stem(recording.meeting)}.{recording.storage_name.rpartition('.')[2]}"


def _stem(meeting: Meeting) -> str:
    """A file name that a person recognises, without what a path could mean something by."""
    title = "".join(c if c.isalnum() or c in " -" else " " for c in meeting.title or "Meeting")
    return f"{' '.join(title.split())} {meeting.scheduled_at:%Y-%m-%d}".strip()
