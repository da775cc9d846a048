"""The API of meetings, recordings and transcripts: what it answers, and to whom."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from meetings import services
from meetings.models import Meeting, Recording
from meetings.tests.factories import MP4, VTT, MeetingFactory, RecordingFactory, media_file
from meetings.tests.school import MANAGERS, OUTSIDERS, School, api_client, school_make

MEETINGS = "/api/v1/meetings"
RECORDINGS = "/api/v1/recordings"
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


def requests_of(school: School, recording: Recording) -> dict[str, tuple[str, str, Any, int]]:
    """Every operation on an object: method, path, body and the status that says it worked."""
    one = f"{MEETINGS}/{school.meeting.pk}"
    other = f"{MEETINGS}/{MeetingFactory(classroom=school.classroom).pk}"
    return {
        "read": ("get", one, None, 200),
        "read recording": ("get", f"{RECORDINGS}/{recording.pk}", None, 200),
        "read transcript": ("get", f"{one}/transcript", None, 200),
        "change": ("patch", one, {"title": "Changed"}, 200),
        "start": ("post", f"{one}/start", None, 200),
        "end": ("post", f"{one}/end", None, 200),
        "cancel": ("post", f"{other}/cancel", None, 200),
        "delete transcript": ("delete", f"{one}/transcript", None, 204),
        "delete recording": ("delete", f"{RECORDINGS}/{recording.pk}", None, 204),
        "delete": ("delete", one, None, 204),
    }


class TestWhoMayWhat:
    @pytest.mark.parametrize("who", MANAGERS)
    def test_those_who_teach(self, school: School, recording: Recording, who: str) -> None:
        client = api_client(school.person(who))
        for method, path, body, status in requests_of(school, recording).values():
            assert getattr(client, method)(path, body).status_code == status

    def test_a_student_reads_only(self, school: School, recording: Recording) -> None:
        client = api_client(school.student)
        for method, path, body, status in requests_of(school, recording).values():
            expected = status if method == "get" else 403
            response = getattr(client, method)(path, body)
            assert response.status_code == expected
            if expected == 403:
                assert response.json()["code"] == "permission_denied"

    @pytest.mark.parametrize("who", OUTSIDERS)
    def test_for_others_nothing_is_there(
        self, school: School, recording: Recording, who: str
    ) -> None:
        client = api_client(school.person(who))
        for method, path, body, _ in requests_of(school, recording).values():
            assert getattr(client, method)(path, body).status_code == 404
        for path in (
            MEETINGS,
            RECORDINGS,
            f"{MEETINGS}?classroom={school.classroom.pk}",
            f"{RECORDINGS}?meeting={school.meeting.pk}",
            f"{SEARCH}?q=binary",
            f"{SEARCH}?q=binary&classroom={school.classroom.pk}",
        ):
            assert client.get(path).json()["results"] == []
        body = {"classroom": str(school.classroom.pk), "title": "x", "scheduled_at": "2026-01-01"}
        assert client.post(MEETINGS, body).status_code == 400
        link = {"meeting": str(school.meeting.pk), "url": "https://video.test/x"}
        assert client.post(RECORDINGS, link).status_code == 400

    def test_nobody_without_signing_in(self, school: School, recording: Recording) -> None:
        for method, path, body, _ in requests_of(school, recording).values():
            assert getattr(APIClient(), method)(path, body).status_code == 401
        assert APIClient().get(f"{SEARCH}?q=x").status_code == 401

    def test_a_student_may_not_schedule(self, school: School) -> None:
        body = {
            "classroom": str(school.classroom.pk),
            "title": "x",
            "scheduled_at": "2026-01-01T09:00:00Z",
        }
        assert api_client(school.student).post(MEETINGS, body).status_code == 403


class TestMeetings:
    def test_schedule(self, school: School) -> None:
        response = api_client(school.teacher).post(
            MEETINGS,
            {
                "classroom": str(school.classroom.pk),
                "title": "Trees",
                "scheduled_at": "2026-03-02T10:00:00+01:00",
                "meeting_url": "https://meet.school.test/1",
            },
        )
        assert response.status_code == 201
        found = response.json()
        assert found["scheduled_at"] == "2026-03-02T09:00:00Z"
        assert (found["status"], found["duration_minutes"]) == ("scheduled", 60)
        assert found["created_by"] == str(school.teacher.pk)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": ""}, "title"),
            ({"scheduled_at": "soon"}, "scheduled_at"),
            ({"duration_minutes": 0}, "duration_minutes"),
            ({"meeting_url": "javascript:1"}, "meeting_url"),
            ({"status": "ended"}, "status"),
            ({"colour": "red"}, "colour"),
            ({"classroom": "x"}, "classroom"),
        ],
    )
    def test_bad_input_names_the_field(
        self, school: School, change: dict[str, Any], field: str
    ) -> None:
        body = {
            "classroom": str(school.classroom.pk),
            "title": "x",
            "scheduled_at": "2026-01-01T09:00:00Z",
        }
        response = api_client(school.teacher).post(MEETINGS, body | change)
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in response.json()["errors"]] == [field]

    def test_a_change_of_class_is_refused(self, school: School) -> None:
        response = api_client(school.teacher).patch(
            f"{MEETINGS}/{school.meeting.pk}", {"classroom": str(school.other_classroom.pk)}
        )
        assert response.status_code == 400

    def test_a_wrong_state_is_a_conflict(self, school: School) -> None:
        response = api_client(school.teacher).post(f"{MEETINGS}/{school.meeting.pk}/end")
        assert response.status_code == 409
        assert response.json()["code"] == "conflict"

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {"a", "b", "c"}),
            ("status=live", {"b"}),
            ("scheduled_from=2026-03-02T00:00:00Z", {"b", "c"}),
            ("scheduled_until=2026-03-02T09:00:00Z", {"a", "b"}),
            ("classroom=6f1c1f9e-3d0b-4f0e-9a57-0d3f2b1c9a11", set()),
        ],
    )
    def test_filters(self, school: School, query: str, expected: set[str]) -> None:
        Meeting.objects.all().delete()
        for day, title, status in ((1, "a", "scheduled"), (2, "b", "live"), (3, "c", "ended")):
            MeetingFactory(
                classroom=school.classroom,
                title=title,
                status=status,
                scheduled_at=f"2026-03-0{day}T09:00:00Z",
            )
        found = api_client(school.student).get(f"{MEETINGS}?{query}").json()["results"]
        assert {meeting["title"] for meeting in found} == expected

    @pytest.mark.parametrize("query", ["classroom=x", "status=maybe", "scheduled_from=soon"])
    def test_bad_filters(self, school: School, query: str) -> None:
        assert api_client(school.student).get(f"{MEETINGS}?{query}").status_code == 400


class TestRecordings:
    def test_an_upload_is_downloaded_by_a_signed_link_only(self, school: School) -> None:
        file = SimpleUploadedFile("Lesson 1.mp4", MP4, "video/mp4")
        response = api_client(school.teacher).post(
            RECORDINGS, {"meeting": str(school.meeting.pk), "file": file}, format="multipart"
        )
        assert response.status_code == 201
        assert b"private:" not in response.content

        client = api_client(school.student)
        [found] = client.get(RECORDINGS).json()["results"]
        opened = client.get(found["download_url"])
        assert b"".join(opened.streaming_content) == MP4
        assert opened["Content-Type"] == "video/mp4"
        # The link is this student's, and only while they are in the class.
        assert api_client(school.teacher).get(found["download_url"]).status_code == 403
        school.classroom.members.filter(user=school.student).delete()
        assert client.get(found["download_url"]).status_code == 404

    def test_a_link(self, school: School) -> None:
        body = {"meeting": str(school.meeting.pk), "url": "https://video.test/x", "summary": "s"}
        response = api_client(school.teacher).post(RECORDINGS, body)
        assert response.status_code == 201
        assert response.json()["download_url"] == "https://video.test/x"
        assert response.json()["summary"] == "s"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({}, "invalid"),
            ({"url": "ftp://video.test/x"}, "invalid"),
            ({"url": "https://video.test/x", "file": MP4}, "invalid"),
            ({"file": b""}, "empty_file"),
            ({"file": b"no film"}, "mislabelled_media"),
            ({"file": MP4, "duration_seconds": -1}, "invalid"),
            ({"file": MP4, "file_url": "private:secrets"}, "unknown_field"),
        ],
    )
    def test_bad_input(self, school: School, values: dict[str, Any], code: str) -> None:
        body = {"meeting": str(school.meeting.pk), **values}
        if "file" in body:
            body["file"] = SimpleUploadedFile("a.mp4", body["file"])
        response = api_client(school.teacher).post(RECORDINGS, body, format="multipart")
        assert response.status_code == 400
        problem = response.json()
        assert code in (problem["code"], problem["errors"][0]["code"])
        assert not Recording.objects.exists()


class TestQueryCounts:
    @pytest.mark.parametrize("path", [MEETINGS, RECORDINGS, f"{SEARCH}?q=recursion"])
    def test_lists_cost_the_same_for_more_rows(self, school: School, path: str) -> None:
        client = api_client(school.student)

        def grow(rows: int) -> int:
            for _ in range(rows):
                meeting = MeetingFactory(classroom=school.classroom)
                RecordingFactory(meeting=meeting)
                services.transcript_upload(actor=school.teacher, meeting=meeting, content=VTT)
            with CaptureQueriesContext(connection) as queries:
                assert len(client.get(path).json()["results"]) >= rows
            return len(queries)

        assert grow(1) == grow(6) <= 8
