"""Meetings: their values, their life and their end."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.activity import Activity, activity_recorded
from config import limits
from config.errors import Conflict, InvalidInput, NotFound
from meetings import services
from meetings.models import Meeting, MeetingStatus, Recording
from meetings.stores.base import transcript_store
from meetings.tests.factories import VTT, MeetingFactory, media_file, stored_files
from meetings.tests.school import School, school_make


@pytest.fixture
def school(db: None) -> School:
    return school_make()


@pytest.fixture
def activities() -> Any:
    seen: list[Activity] = []

    def note(sender: object, activities: list[Activity], **kwargs: object) -> None:
        seen.extend(activities)

    activity_recorded.connect(note)
    yield seen
    activity_recorded.disconnect(note)


class TestMeetings:
    def test_a_meeting_lives_from_scheduled_to_ended(
        self,
        school: School,
        activities: list[Activity],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            meeting = services.meeting_schedule(
                actor=school.teacher,
                classroom=school.classroom,
                title="  Trees ",
                scheduled_at=timezone.now(),
                meeting_url="https://meet.school.test/x",
            )
            services.meeting_start(actor=school.teacher, meeting=meeting)
            ended = services.meeting_end(actor=school.teacher, meeting=meeting)

        assert ended.status == MeetingStatus.ENDED
        assert (ended.title, ended.duration_minutes, ended.description) == ("Trees", 60, None)
        assert ended.created_by == school.teacher
        actions = ["meeting_schedule", "meeting_start", "meeting_end"]
        assert [activity.action for activity in activities] == actions
        assert {activity.resource_id for activity in activities} == {str(meeting.pk)}

    @pytest.mark.parametrize(
        ("status", "allowed"),
        [
            (MeetingStatus.SCHEDULED, {"start", "cancel", "move", "rename"}),
            (MeetingStatus.LIVE, {"end", "rename"}),
            (MeetingStatus.ENDED, {"rename"}),
            (MeetingStatus.CANCELLED, {"rename"}),
        ],
    )
    def test_what_each_status_allows(self, school: School, status: str, allowed: set[str]) -> None:
        calls: dict[str, Callable[[Meeting], Any]] = {
            "start": lambda m: services.meeting_start(actor=school.teacher, meeting=m),
            "end": lambda m: services.meeting_end(actor=school.teacher, meeting=m),
            "cancel": lambda m: services.meeting_cancel(actor=school.teacher, meeting=m),
            "move": lambda m: services.meeting_update(
                actor=school.teacher, meeting=m, scheduled_at=timezone.now()
            ),
            "rename": lambda m: services.meeting_update(
                actor=school.teacher, meeting=m, title="Renamed"
            ),
        }
        for name, call in calls.items():
            meeting = MeetingFactory(classroom=school.classroom, status=status)
            if name in allowed:
                call(meeting)
            else:
                with pytest.raises(Conflict):
                    call(meeting)

    def test_the_database_decides_not_what_the_caller_read(self, school: School) -> None:
        stale = Meeting.objects.get(pk=school.meeting.pk)
        services.meeting_cancel(actor=school.teacher, meeting=school.meeting)
        with pytest.raises(Conflict):
            services.meeting_start(actor=school.teacher, meeting=stale)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", " "),
            ("title", "x" * 201),
            ("duration_minutes", 0),
            ("duration_minutes", limits.MEETING_MAX_MINUTES + 1),
            ("meeting_url", "javascript:alert(1)"),
            ("meeting_url", "ftp://school.test/x"),
        ],
    )
    def test_bad_values(self, school: School, field: str, value: Any) -> None:
        values = {"title": "T", "scheduled_at": timezone.now(), field: value}
        with pytest.raises(InvalidInput) as caught:
            services.meeting_schedule(actor=school.teacher, classroom=school.classroom, **values)
        assert list(caught.value.errors) == [field]

    def test_a_meeting_can_not_change_its_class(self, school: School) -> None:
        with pytest.raises(InvalidInput):
            services.meeting_update(
                actor=school.teacher, meeting=school.meeting, classroom=school.other_classroom
            )

    def test_deleting_takes_recordings_files_and_transcript_after_commit(
        self, school: School, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        services.recording_upload(actor=school.teacher, meeting=school.meeting, file=media_file())
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
        meeting_id = school.meeting.pk

        with django_capture_on_commit_callbacks(execute=True):
            services.meeting_delete(actor=school.teacher, meeting=school.meeting)
            assert len(stored_files()) == 1
            assert transcript_store().get(meeting_id) is not None

        assert stored_files() == []
        assert transcript_store().get(meeting_id) is None
        assert not Recording.objects.exists()

    def test_a_meeting_that_is_gone_is_not_found(self, school: School) -> None:
        stale = Meeting.objects.get(pk=school.meeting.pk)
        services.meeting_delete(actor=school.teacher, meeting=school.meeting)
        with pytest.raises(NotFound):
            services.transcript_upload(actor=school.teacher, meeting=stale, content=VTT)
        assert transcript_store().get(stale.pk) is None
