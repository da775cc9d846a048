"""Transcripts: WebVTT in, the spec's document in the store."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from config import limits
from config.errors import InvalidInput, NotFound, TooLarge
from meetings.models import Meeting
from meetings.services.common import lock_meeting, log
from meetings.stores.base import Transcript, TranscriptSegment, transcript_store
from meetings.vtt import DEFAULT_LANGUAGE, vtt_parse

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


def transcript_read(file: "File[Any]") -> bytes:
    """The bytes of an uploaded transcript; TooLarge before they are in memory."""
    if (file.size or 0) > limits.TRANSCRIPT_MAX_BYTES:
        raise TooLarge(
            f"The transcript is larger than {limits.TRANSCRIPT_MAX_BYTES // limits.MIB} MB."
        )
    content: bytes = file.read()
    return content


def transcript_upload(
    *, actor: User, meeting: Meeting, content: bytes, language: str = ""
) -> Transcript:
    """Make a WebVTT file the meeting's transcript, in place of one it has.

    `language` is a tag like "en" or "pt-BR"; without it the file's header decides, then
    "en". A speaker is known (`speaker_id`) where exactly one person of the class has the
    name. InvalidInput names the line; nothing is stored then.
    """
    require(actor, "meetings.change_meeting", meeting)
    if language and not _LANGUAGE.fullmatch(language):
        raise InvalidInput(errors={"language": ["This is not a language tag like en or pt-BR."]})
    parsed = vtt_parse(content)
    segments = _with_speakers(parsed.segments, meeting)
    header = parsed.language if _LANGUAGE.fullmatch(parsed.language) else ""
    full_text = "\n".join(segment.text for segment in segments)
    transcript = Transcript(
        meeting_id=meeting.pk,
        segments=segments,
        full_text=full_text,
        word_count=len(full_text.split()),
        duration_seconds=round(max(segment.end_time for segment in segments)),
        language=language or header or DEFAULT_LANGUAGE,
        created_at=timezone.now(),
    )
    with transaction.atomic():
        lock_meeting(meeting)  # a meeting that is deleted meanwhile must not leave it behind
        transcript_store().save(transcript)
        log(
            actor,
            "transcript_upload",
            meeting,
            word_count=transcript.word_count,
            language=transcript.language,
        )
    return transcript


@transaction.atomic
def transcript_delete(*, actor: User, meeting: Meeting) -> None:
    """Remove the meeting's transcript; NotFound if it has none."""
    require(actor, "meetings.change_meeting", meeting)
    lock_meeting(meeting)
    if not transcript_store().delete(meeting.pk):
        raise NotFound("This meeting has no transcript.", code="no_transcript")
    log(actor, "transcript_delete", meeting)


def _with_speakers(
    segments: Iterable[TranscriptSegment], meeting: Meeting
) -> tuple[TranscriptSegment, ...]:
    known = _people_by_name(meeting)
    return tuple(
        replace(segment, speaker_id=known.get(segment.speaker_name.casefold()))
        for segment in segments
    )


def _people_by_name(meeting: Meeting) -> dict[str, UUID | None]:
    """The class's people by name; None for a name that several have."""
    classroom = meeting.classroom
    people = {classroom.teacher_id: classroom.teacher.name}
    people |= dict(classroom.members.values_list("user_id", "user__name"))
    found: dict[str, UUID | None] = {}
    for user_id, name in people.items():
        key = " ".join((name or "").split()).casefold()
        if key:
            found[key] = None if key in found else user_id
    return found
