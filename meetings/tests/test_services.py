"""Who may change what, and what is swept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from config import limits
from config.errors import NotAllowed
from meetings import services
from meetings.models import Meeting, Recording
from meetings.services.recordings import FOLDER
from meetings.stores.base import transcript_store
from meetings.tasks import sweep_orphans
from meetings.tests.factories import VTT, media_file, stored_files, transcript
from meetings.tests.school import MANAGERS, OTHERS, School, school_make


@pytest.fixture
def school(db: None) -> School:
    return school_make()


def every_change(school: School) -> dict[str, Callable[..., Any]]:
    """Each service that changes something, ready but for its actor."""
    meeting = school.meeting
    recording = services.recording_link(
        actor=school.teacher, meeting=meeting, url="https://video.test/a"
    )
    services.transcript_upload(actor=school.teacher, meeting=meeting, content=VTT)
    now = timezone.now()
    return {
        "schedule": lambda actor: services.meeting_schedule(
            actor=actor, classroom=school.classroom, title="New", scheduled_at=now
        ),
        "update": lambda actor: services.meeting_update(actor=actor, meeting=meeting, title="B"),
        "start": lambda actor: services.meeting_start(actor=actor, meeting=meeting),
        "end": lambda actor: services.meeting_end(actor=actor, meeting=meeting),
        "upload": lambda actor: services.recording_upload(
            actor=actor, meeting=meeting, file=media_file()
        ),
        "link": lambda actor: services.recording_link(
            actor=actor, meeting=meeting, url="https://video.test/b"
        ),
        "recording_update": lambda actor: services.recording_update(
            actor=actor, recording=recording, summary="s"
        ),
        "recording_delete": lambda actor: services.recording_delete(
            actor=actor, recording=recording
        ),
        "transcript_upload": lambda actor: services.transcript_upload(
            actor=actor, meeting=meeting, content=VTT
        ),
        "transcript_delete": lambda actor: services.transcript_delete(actor=actor, meeting=meeting),
        "delete": lambda actor: services.meeting_delete(actor=actor, meeting=meeting),
    }


class TestPermissions:
    @pytest.mark.parametrize("who", MANAGERS)
    def test_those_who_teach_the_class_may_do_all(self, school: School, who: str) -> None:
        for change in every_change(school).values():
            change(school.person(who))

    @pytest.mark.parametrize("who", OTHERS)
    def test_all_others_may_change_nothing(self, school: School, who: str) -> None:
        for change in every_change(school).values():
            with pytest.raises(NotAllowed):
                change(school.person(who))
        assert stored_files() == []
        assert Meeting.objects.get().title == school.meeting.title
        assert Recording.objects.count() == 1


class TestSweep:
    def test_what_nothing_belongs_to_is_removed(self, school: School) -> None:
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
        kept = services.recording_upload(
            actor=school.teacher, meeting=school.meeting, file=media_file()
        )
        default_storage.save(f"{FOLDER}/orphan.mp4", media_file())
        transcript_store().save(transcript(None, "orphan"))
        now = timezone.now()

        assert sweep_orphans() == {"transcripts": 1, "files": 0}
        later = now + limits.ORPHAN_FILE_AGE + timedelta(minutes=1)
        assert services.orphans_sweep(now=later) == {"transcripts": 0, "files": 1}
        assert kept.storage_name == f"{FOLDER}/{stored_files()[0]}"
        assert transcript_store().get(school.meeting.pk) is not None
