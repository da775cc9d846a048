"""The API of transcripts: WebVTT in and out, and the search."""

from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from config import limits
from meetings import services
from meetings.models import Recording
from meetings.tests.factories import VTT, media_file
from meetings.tests.school import School, api_client, school_make

MEETINGS = "/api/v1/meetings"
SEARCH = "/api/v1/transcripts/search"


@pytest.fixture
def school(db: None) -> School:
    return school_make()


@pytest.fixture
def recording(school: School) -> Recording:
    services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
    return services.recording_upload(
        actor=school.teacher, meeting=school.meeting, file=media_file()
    )


class TestTranscripts:
    def path(self, school: School) -> str:
        return f"{MEETINGS}/{school.meeting.pk}/transcript"

    def test_as_a_body(self, school: School) -> None:
        client = api_client(school.teacher)
        path = f"{self.path(school)}?language=de"
        response = client.generic("PUT", path, VTT, "text/vtt; charset=utf-8")
        assert response.status_code == 200
        assert response.json()["language"] == "de"
        assert response.json() | {"download_url": ""} == client.get(self.path(school)).json() | {
            "download_url": ""
        }

    def test_as_a_form_and_back_as_a_file(self, school: School) -> None:
        body = {"file": SimpleUploadedFile("a.vtt", VTT), "language": "en-GB"}
        response = api_client(school.teacher).put(self.path(school), body, format="multipart")
        assert response.status_code == 200
        found = response.json()
        assert found["language"] == "en-GB"
        assert found["segments"][1] == {
            "speaker_id": str(school.student.pk),
            "speaker_name": "Ada",
            "start_time": 65.0,
            "end_time": 69.0,
            "text": "search trees & recursion",
            "confidence": None,
        }

        client = api_client(school.student)
        link = client.get(self.path(school)).json()["download_url"]
        assert urlsplit(link).path.endswith(".vtt")
        opened = client.get(link)
        assert opened["Content-Type"].startswith("text/vtt")
        content = b"".join(opened.streaming_content).decode()
        assert "<v Ada>search trees &amp; recursion</v>" in content
        assert api_client(school.stranger).get(link).status_code == 403

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"\n", 400, "empty_file"),
            (b"WEBVTT\n\nnever --> always\nx", 400, "malformed_vtt"),
            (b"WEBVTT\n\n\xff\xfe", 400, "wrong_encoding"),
            (b"x" * (limits.TRANSCRIPT_MAX_BYTES + 1), 413, "too_large"),
        ],
    )
    def test_bad_ones(self, school: School, content: bytes, status: int, code: str) -> None:
        client = api_client(school.teacher)
        form = {"file": SimpleUploadedFile("a.vtt", content)}
        for response in (
            client.generic("PUT", self.path(school), content, "text/vtt"),
            client.put(self.path(school), form, format="multipart"),
        ):
            assert (response.status_code, response.json()["code"]) == (status, code)
        assert client.get(self.path(school)).json()["code"] == "no_transcript"

    def test_no_body(self, school: School) -> None:
        response = api_client(school.teacher).generic("PUT", self.path(school), b"", "text/vtt")
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "file"

    def test_another_media_type(self, school: School) -> None:
        assert api_client(school.teacher).put(self.path(school), {"x": 1}).status_code == 415

    def test_search(self, school: School, recording: Recording) -> None:
        [found] = api_client(school.student).get(f"{SEARCH}?q=recursion").json()["results"]
        assert found == {
            "meeting_id": str(school.meeting.pk),
            "meeting_title": school.meeting.title,
            "scheduled_at": "2026-03-02T09:00:00Z",
            "classroom_id": str(school.classroom.pk),
            "classroom_name": school.classroom.name,
            "speaker_id": str(school.student.pk),
            "speaker_name": "Ada",
            "start_time": 65.0,
            "end_time": 69.0,
            "minute": 1,
            "snippet": "search trees & recursion",
        }

    @pytest.mark.parametrize(
        "query", ["", "q=", "q=%20", "q=x&limit=0", "q=x&classroom=y", "q=x&user=1"]
    )
    def test_bad_searches(self, school: School, query: str) -> None:
        assert api_client(school.student).get(f"{SEARCH}?{query}").status_code == 400
