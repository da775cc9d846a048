"""The admin's pages of meetings, recordings and transcripts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from meetings import selectors, services
from meetings.models import Meeting, Recording
from meetings.stores.base import transcript_store
from meetings.tests.factories import MP4, VTT, media_file, transcript
from meetings.tests.school import School, school_make


@pytest.fixture
def school(db: None) -> School:
    return school_make()


def as_(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"admin:meetings_{name}", args=args)


@pytest.fixture
def filled(school: School) -> Recording:
    services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
    return services.recording_upload(
        actor=school.teacher, meeting=school.meeting, file=media_file()
    )


class TestScope:
    def pages(self, school: School, filled: Recording) -> list[str]:
        one = school.meeting.pk
        return [
            url("meeting_change", one),
            url("meeting_transcript", one),
            url("meeting_upload_transcript", one),
            url("meeting_delete", one),
            url("recording_change", filled.pk),
        ]

    @pytest.mark.parametrize("who", ["teacher", "admin"])
    def test_pages_open_for_those_who_run_the_class(
        self, school: School, filled: Recording, who: str
    ) -> None:
        client = as_(school.person(who))
        for page in (
            *self.pages(school, filled),
            url("meeting_add"),
            url("recording_add"),
            url("meeting_changelist"),
            url("recording_changelist"),
            url("meeting_transcripts"),
        ):
            response = client.get(page)
            assert response.status_code == 200, page
            assert b"private:" not in response.content

    def test_another_teacher_sees_nothing(self, school: School, filled: Recording) -> None:
        client = as_(school.other_teacher)
        for page in self.pages(school, filled):
            assert client.get(page).status_code in (302, 403, 404), page
        for page in (
            url("meeting_changelist"),
            url("recording_changelist"),
            url("meeting_transcripts"),
            url("meeting_transcripts") + "?q=recursion",
        ):
            response = client.get(page)
            assert response.status_code == 200
            assert school.meeting.title not in response.text

    @pytest.mark.parametrize("who", ["student", "assistant"])
    def test_the_admin_is_closed_to_students(self, school: School, who: str) -> None:
        response = as_(school.person(who)).get(url("meeting_changelist"))
        assert response.status_code == 302


class TestMeetings:
    def test_schedule_and_change(self, school: School) -> None:
        client = as_(school.teacher)
        values = {
            "classroom": str(school.classroom.pk),
            "title": "Made here",
            "scheduled_at_0": "2026-03-02",
            "scheduled_at_1": "09:00",
            "duration_minutes": "45",
            "meeting_url": "",
            "description": "",
            "recordings-TOTAL_FORMS": "0",
            "recordings-INITIAL_FORMS": "0",
        }
        client.post(url("meeting_add"), values)
        meeting = Meeting.objects.get(title="Made here")
        assert (meeting.created_by, meeting.duration_minutes) == (school.teacher, 45)

        client.post(url("meeting_change", meeting.pk), values | {"title": "Changed here"})
        meeting.refresh_from_db()
        assert meeting.title == "Changed here"

        client.post(url("meeting_delete", meeting.pk), {"post": "yes"})
        assert not Meeting.objects.filter(pk=meeting.pk).exists()

    def test_its_life_by_actions_that_ask_first(self, school: School) -> None:
        client = as_(school.teacher)
        for name, status in (("start", "live"), ("end", "ended"), ("cancel", "ended")):
            page = url(f"meeting_{name}", school.meeting.pk)
            before = Meeting.objects.get().status
            client.get(page)
            assert Meeting.objects.get().status == before
            client.post(page, {"_form_submitted": "True"})
            assert Meeting.objects.get().status == status

    def test_deleting_one_with_recordings(self, school: School, filled: Recording) -> None:
        as_(school.teacher).post(url("meeting_delete", school.meeting.pk), {"post": "yes"})
        assert not Meeting.objects.exists()
        assert not Recording.objects.exists()


class TestRecordings:
    def test_upload_and_open(self, school: School) -> None:
        client = as_(school.teacher)
        values = {
            "meeting": str(school.meeting.pk),
            "file": SimpleUploadedFile("a.mp4", MP4),
            "url": "",
            "duration_seconds": "60",
            "summary": "Short",
            "transcript": "",
        }
        client.post(url("recording_add"), values)
        recording = Recording.objects.get()
        assert recording.file_url.startswith("private:")
        opened = client.get(url("recording_open_recording", recording.pk), follow=True)
        assert b"".join(opened.streaming_content) == MP4

    @pytest.mark.parametrize("content", [b"", b"no film"])
    def test_a_bad_file_is_a_message(self, school: School, content: bytes) -> None:
        values = {
            "meeting": str(school.meeting.pk),
            "file": SimpleUploadedFile("a.mp4", content),
            "duration_seconds": "",
        }
        response = as_(school.teacher).post(url("recording_add"), values, follow=True)
        assert response.status_code == 200
        assert not Recording.objects.exists()

    def test_neither_file_nor_url(self, school: School) -> None:
        response = as_(school.teacher).post(
            url("recording_add"), {"meeting": str(school.meeting.pk)}
        )
        assert "Give either a file or a URL." in response.text

    def test_change(self, school: School, filled: Recording) -> None:
        values = {"duration_seconds": "61", "summary": "New", "transcript": ""}
        as_(school.teacher).post(url("recording_change", filled.pk), values)
        filled.refresh_from_db()
        assert (filled.summary, filled.duration_seconds) == ("New", 61)


class TestTranscripts:
    def test_upload_read_and_delete(self, school: School) -> None:
        client = as_(school.teacher)
        response = client.post(
            url("meeting_upload_transcript", school.meeting.pk),
            {"file": SimpleUploadedFile("a.vtt", VTT), "language": ""},
            follow=True,
        )
        assert "1:05" in response.text
        assert "search trees &amp; recursion" in response.text

        client.post(
            url("meeting_remove_transcript", school.meeting.pk), {"_form_submitted": "True"}
        )
        assert transcript_store().get(school.meeting.pk) is None

    def test_a_bad_file_says_which_line(self, school: School) -> None:
        bad = b"WEBVTT\n\n00:01 --> 00:02\nx\n"
        response = as_(school.teacher).post(
            url("meeting_upload_transcript", school.meeting.pk),
            {"file": SimpleUploadedFile("a.vtt", bad)},
        )
        assert "Line 3:" in response.text
        assert transcript_store().get(school.meeting.pk) is None

    def test_without_one_the_page_leads_back(self, school: School) -> None:
        page = url("meeting_transcript", school.meeting.pk)
        assert as_(school.teacher).get(page).status_code == 302

    def test_browse_and_search(self, school: School, filled: Recording) -> None:
        client = as_(school.teacher)
        page = url("meeting_transcripts")
        assert school.meeting.title in client.get(page).text
        assert "1:05" in client.get(page + "?q=recursion").text
        assert "Nothing was found" in client.get(page + "?q=absent").text
        assert client.get(page + "?after=nonsense").status_code == 200

    def test_the_store_is_browsed_page_by_page(
        self, school: School, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("config.limits.PAGE_SIZE", 2)
        for n in range(3):
            transcript_store().save(transcript(None, f"orphan {n}"))
        client = as_(school.admin)
        first = client.get(url("meeting_transcripts"))
        assert "Next page" in first.text
        second = client.get(url("meeting_transcripts"), {"after": first.context["next"]})
        assert len(second.context["entries"]) == 1
        assert "A meeting that is deleted" in second.text
        assert not selectors.transcript_page(user=school.teacher)

    def test_a_long_one_is_read_in_pages(self, school: School) -> None:
        texts = [f"sentence number {n}." for n in range(450)]
        transcript_store().save(transcript(school.meeting.pk, *texts))
        client = as_(school.teacher)
        page = url("meeting_transcript", school.meeting.pk)
        assert "sentence number 199." in client.get(page).text
        assert "sentence number 200." not in client.get(page).text
        assert "sentence number 449." in client.get(page + "?page=3").text
