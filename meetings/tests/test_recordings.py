"""Recordings: uploaded or linked."""

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from config import limits
from config.errors import InvalidInput, TooLarge
from meetings import services
from meetings.models import Recording
from meetings.tests.factories import MP4, media_file, stored_files
from meetings.tests.school import School, school_make


@pytest.fixture
def school(db: None) -> School:
    return school_make()


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
