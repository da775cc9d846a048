"""Meetings, recordings and transcripts for tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import factory
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from factory.django import DjangoModelFactory

from classrooms.tests.factories import ClassroomFactory
from meetings.models import Meeting, Recording
from meetings.services.recordings import FOLDER
from meetings.stores.base import Transcript, TranscriptSegment

MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(64)

VTT = b"""WEBVTT

00:00:00.500 --> 00:00:05.200
<v John Doe>Welcome to today's class about binary</v>

00:01:05.000 --> 00:01:09.000
<v Ada>search trees &amp; recursion
"""


class MeetingFactory(DjangoModelFactory):
    """A scheduled meeting, created by the teacher of its class."""

    class Meta:
        model = Meeting

    classroom = factory.SubFactory(ClassroomFactory)
    title = factory.Sequence(lambda n: f"Lesson {n}")
    scheduled_at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    created_by = factory.SelfAttribute("classroom.teacher")


class RecordingFactory(DjangoModelFactory):
    """A recording elsewhere on the web."""

    class Meta:
        model = Recording

    meeting = factory.SubFactory(MeetingFactory)
    file_url = "https://video.school.test/lesson.mp4"
    duration_seconds = 3600


def media_file(name: str = "lesson.mp4", content: bytes = MP4) -> ContentFile:
    """An upload of a media file."""
    return ContentFile(content, name=name)


def stored_files() -> list[str]:
    """The names of the recordings that are in private storage."""
    return default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []


def transcript(meeting_id: UUID | None = None, *texts: str, **changes: Any) -> Transcript:
    """A transcript with a segment of ten seconds for every text."""
    segments = tuple(
        TranscriptSegment(
            speaker_name=f"Speaker {n % 2}",
            start_time=n * 10 + 0.5,
            end_time=n * 10 + 9.25,
            text=text,
        )
        for n, text in enumerate(texts)
    )
    full_text = "\n".join(texts)
    values: dict[str, Any] = {
        "meeting_id": meeting_id or uuid4(),
        "segments": segments,
        "full_text": full_text,
        "word_count": len(full_text.split()),
        "duration_seconds": 10 * len(texts),
        "language": "en",
        "created_at": datetime(2026, 3, 2, 10, 30, 15, 123000, tzinfo=UTC),
    }
    return Transcript(**(values | changes))
