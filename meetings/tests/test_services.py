"""What the services allow, keep and clean up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.activity import Activity, activity_recorded
from config import limits
from config.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound, TooLarge
from meetings import selectors, services
from meetings.models import Meeting, MeetingStatus, Recording
from meetings.services.recordings import FOLDER
from meetings.stores.base import transcript_store
from meetings.tests.factories import MP4, VTT, MeetingFactory, media_file, transcript
from meetings.tests.school import MANAGERS, OTHERS, School, school_make


@pytest.fixture
def school(db: None) -> School:
    return school_make()


@pytest.fixture
def activities() -> Any:
    seen: list[Activity] = []

    def note(sender: object, activity: Activity, **kwargs: object) -> None:
        seen.append(activity)

    activity_recorded.connect(note)
    yield seen
    activity_recorded.disconnect(note)


def stored_files() -> list[str]:
    return default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []


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


class TestRecordings:
    def test_an_upload_is_kept_under_a_random_name(
        self, school: School, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        file = media_file("My lesson.MP4")
        recording = services.recording_upload(
            actor=school.teacher, meeting=school.meeting, file=file, duration_seconds=61
        )

        assert recording.file_url.startswith("private:recordings/")
        assert recording.file_url.endswith(".mp4")
        assert "lesson" not in recording.file_url
        assert recording.file_size_bytes == len(MP4)
        assert recording.storage_name is not None
        with default_storage.open(recording.storage_name) as stored:
            assert stored.read() == MP4

        with django_capture_on_commit_callbacks(execute=True):
            services.recording_delete(actor=school.teacher, recording=recording)
        assert stored_files() == []

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("a.mp4", b"", "empty_file"),
            ("a.exe", MP4, "unknown_media"),
            ("mp4", MP4, "unknown_media"),
            ("a.mp4", b"%PDF-1.7 not a film at all", "mislabelled_media"),
            ("a.webm", MP4, "mislabelled_media"),
            ("a.mp4", b"<html>", "mislabelled_media"),
        ],
    )
    def test_bad_uploads(self, school: School, name: str, content: bytes, code: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            services.recording_upload(
                actor=school.teacher, meeting=school.meeting, file=media_file(name, content)
            )
        assert caught.value.code == code
        assert stored_files() == []

    def test_too_large(self, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "RECORDING_MAX_BYTES", 10)
        with pytest.raises(TooLarge):
            services.recording_upload(
                actor=school.teacher, meeting=school.meeting, file=media_file()
            )
        assert stored_files() == []

    def test_a_refused_row_leaves_no_file(self, school: School) -> None:
        with pytest.raises(InvalidInput):
            services.recording_upload(
                actor=school.teacher, meeting=school.meeting, file=media_file(), duration_seconds=-1
            )
        assert stored_files() == []
        assert not Recording.objects.exists()

    @pytest.mark.parametrize(
        "url", ["", "private:recordings/x.mp4", "javascript:1", "file:///etc/passwd", "x" * 501]
    )
    def test_bad_links(self, school: School, url: str) -> None:
        with pytest.raises(InvalidInput):
            services.recording_link(actor=school.teacher, meeting=school.meeting, url=url)


class TestTranscripts:
    def test_the_document_is_the_specs(self, school: School) -> None:
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=VTT
        )

        assert selectors.transcript_of(meeting=school.meeting) == saved
        assert saved.full_text == (
            "Welcome to today's class about binary\nsearch trees & recursion"
        )
        assert (saved.word_count, saved.duration_seconds, saved.language) == (10, 69, "en")
        # Ada is a student of the class; nobody there is called John Doe.
        assert [s.speaker_id for s in saved.segments] == [None, school.student.pk]

    def test_two_people_of_one_name_are_nobody_for_sure(self, school: School) -> None:
        school.teacher.name = "ada"
        school.teacher.save()
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=VTT
        )
        assert saved.segments[1].speaker_id is None

    @pytest.mark.parametrize(
        ("header", "given", "expected"),
        [("", "", "en"), ("Language: de\n", "", "de"), ("Language: de\n", "fr", "fr")],
    )
    def test_language(self, school: School, header: str, given: str, expected: str) -> None:
        content = VTT.replace(b"WEBVTT\n", b"WEBVTT\n" + header.encode())
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=content, language=given
        )
        assert saved.language == expected

    @pytest.mark.parametrize(
        ("content", "language"), [(b"not vtt", ""), (b"WEBVTT\n\n\xff", ""), (VTT, "no language!")]
    )
    def test_a_bad_one_leaves_the_old_one(
        self, school: School, content: bytes, language: str
    ) -> None:
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=VTT
        )
        with pytest.raises(InvalidInput):
            services.transcript_upload(
                actor=school.teacher, meeting=school.meeting, content=content, language=language
            )
        assert selectors.transcript_of(meeting=school.meeting) == saved

    def test_delete(self, school: School) -> None:
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
        services.transcript_delete(actor=school.teacher, meeting=school.meeting)
        for read in (
            lambda: selectors.transcript_of(meeting=school.meeting),
            lambda: services.transcript_delete(actor=school.teacher, meeting=school.meeting),
        ):
            with pytest.raises(NotFound) as caught:
                read()
            assert caught.value.code == "no_transcript"


class TestSearch:
    @pytest.fixture(autouse=True)
    def _transcript(self, school: School) -> None:
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)

    @pytest.mark.parametrize(
        ("who", "count"),
        [("teacher", 1), ("assistant", 1), ("student", 1), ("stranger", 0), ("other_teacher", 0)],
    )
    def test_membership_decides(self, school: School, who: str, count: int) -> None:
        found = selectors.transcript_search(user=school.person(who), query="binary search")
        assert len(found) == count

    def test_a_finding_names_meeting_and_time(self, school: School) -> None:
        [found] = selectors.transcript_search(user=school.student, query="recursion")
        assert found.meeting == school.meeting
        assert (found.hit.start_time, found.hit.speaker_name) == (65.0, "Ada")

    def test_a_class_only_narrows(self, school: School) -> None:
        for classroom_id, count in ((school.classroom.pk, 1), (school.other_classroom.pk, 0)):
            found = selectors.transcript_search(
                user=school.student, query="recursion", classroom_id=classroom_id
            )
            assert len(found) == count
        assert not selectors.transcript_search(
            user=school.stranger, query="recursion", classroom_id=school.classroom.pk
        )

    def test_leaving_the_class_ends_it(self, school: School) -> None:
        school.classroom.members.filter(user=school.student).delete()
        assert selectors.transcript_search(user=school.student, query="recursion") == []

    @pytest.mark.parametrize("query", ["", "  ", "x" * (limits.SEARCH_QUERY_MAX + 1)])
    def test_bad_queries(self, school: School, query: str) -> None:
        with pytest.raises(DomainError):
            selectors.transcript_search(user=school.student, query=query)


class TestSweep:
    def test_what_nothing_belongs_to_is_removed(self, school: School) -> None:
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
        kept = services.recording_upload(
            actor=school.teacher, meeting=school.meeting, file=media_file()
        )
        default_storage.save(f"{FOLDER}/orphan.mp4", media_file())
        transcript_store().save(transcript(None, "orphan"))
        now = timezone.now()

        assert services.orphans_sweep(now=now) == {"transcripts": 1, "files": 0}
        later = now + limits.ORPHAN_FILE_AGE + timedelta(minutes=1)
        assert services.orphans_sweep(now=later) == {"transcripts": 0, "files": 1}
        assert kept.storage_name == f"{FOLDER}/{stored_files()[0]}"
        assert transcript_store().get(school.meeting.pk) is not None


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_upload_stores_no_transcript() -> None:
    meeting = MeetingFactory()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.transcript_upload(actor=meeting.classroom.teacher, meeting=meeting, content=VTT)
        raise ZeroDivisionError
    assert transcript_store().get(meeting.pk) is None
