"""Recordings: uploaded files in private storage, or links to elsewhere."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from accounts.policies import require
from config.errors import InvalidInput
from meetings.media import media_extension
from meetings.models import PRIVATE_SCHEME, Meeting, Recording, web_url
from meetings.services.common import (
    apply_changes,
    clean,
    delete_file_after_commit,
    lock_meeting,
    log,
)

FOLDER = "recordings"
_FIELDS = ("duration_seconds", "transcript", "summary")


def recording_upload(
    *,
    actor: User,
    meeting: Meeting,
    file: "File[Any]",
    duration_seconds: int | None = None,
    summary: str = "",
    transcript: str = "",
) -> Recording:
    """Keep a media file (`file.name` says which kind) under a name that says nothing.

    InvalidInput for an empty, unknown or mislabelled file, TooLarge beyond the limit.
    """
    require(actor, "meetings.add_recording", meeting)
    size = file.size
    extension = media_extension(filename=file.name or "", size=size, content=file)
    name = default_storage.save(f"{FOLDER}/{uuid.uuid4()}.{extension}", file)
    try:
        return _create(
            actor,
            meeting,
            file_url=f"{PRIVATE_SCHEME}{name}",
            file_size_bytes=size,
            duration_seconds=duration_seconds,
            summary=summary or None,
            transcript=transcript or None,
        )
    except BaseException:  # whatever it was: no row names the file
        default_storage.delete(name)
        raise


def recording_link(
    *,
    actor: User,
    meeting: Meeting,
    url: str,
    duration_seconds: int | None = None,
    summary: str = "",
    transcript: str = "",
) -> Recording:
    """Note a recording that is elsewhere on the web, at an http(s) URL."""
    require(actor, "meetings.add_recording", meeting)
    try:
        web_url(url)
    except ValidationError:
        raise InvalidInput(errors={"url": ["This is not an http or https address."]}) from None
    return _create(
        actor,
        meeting,
        file_url=url,
        duration_seconds=duration_seconds,
        summary=summary or None,
        transcript=transcript or None,
    )


@transaction.atomic
def recording_update(*, actor: User, recording: Recording, **changes: Any) -> Recording:
    """Change duration_seconds, summary or transcript; returns the recording."""
    require(actor, "meetings.change_recording", recording)
    apply_changes(recording, changes, _FIELDS)
    recording.save(update_fields=_FIELDS)
    log(actor, "recording_update", recording, fields=sorted(changes))
    return recording


@transaction.atomic
def recording_delete(*, actor: User, recording: Recording) -> None:
    """Delete a recording, and after commit its file."""
    require(actor, "meetings.delete_recording", recording)
    delete_file_after_commit(recording.storage_name)
    log(actor, "recording_delete", recording, meeting_id=str(recording.meeting_id))
    recording.delete()


@transaction.atomic
def _create(actor: User, meeting: Meeting, **values: Any) -> Recording:
    recording = Recording(meeting=lock_meeting(meeting), **values)
    clean(recording, values)
    recording.save(force_insert=True)
    log(
        actor,
        "recording_add",
        recording,
        meeting_id=str(meeting.pk),
        uploaded=recording.storage_name is not None,
    )
    return recording
