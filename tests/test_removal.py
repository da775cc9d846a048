"""A student who is removed from a class loses access at once, to everything, everywhere."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import TeacherFactory
from assessments.models import Attempt, Submission
from assessments.services import attempt_start, attempts_expire, reports_write, results_release
from assessments.tests.factories import TRUTH, make_assessment, make_student, picture
from classrooms import tasks  # noqa: F401 - registers them
from classrooms.models import Classroom, JoinRequest, Member, MemberRole, RosterImport
from classrooms.services import classroom_update, join_rules_update, member_remove, roster_upload
from classrooms.tests.factories import ClassroomFactory
from config.errors import Conflict
from meetings.models import Meeting
from meetings.services import recording_upload, transcript_upload
from meetings.tests.factories import VTT, MeetingFactory, media_file
from retrieval.models import Document
from retrieval.services import document_upload

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "What do plants make from light?"
NOTES = b"# Photosynthesis\n\nPlants make sugar from light, water and carbon dioxide.\n"
API = "/api/v1"
LISTS = (
    "classrooms",
    "members",
    "meetings",
    "recordings",
    "documents",
    "chat/sessions",
    "assessments",
    "questions",
    "attempts",
    "submissions",
    "proctoring/reports",
    "question-topics",
)
SIGNED = ("document", "recording", "transcript")


class Life:
    """A student at work in a class: an attempt that runs, one handed in, a conversation."""

    def __init__(self) -> None:
        self.classroom: Classroom = ClassroomFactory.create()
        self.teacher: User = self.classroom.teacher
        self.student: User = make_student(self.classroom)
        self.member = Member.objects.get(user=self.student, classroom=self.classroom)
        self.api = APIClient()
        self.api.force_login(self.student)
        self.meeting: Meeting = MeetingFactory.create(classroom=self.classroom)
        self.recording = recording_upload(
            actor=self.teacher, meeting=self.meeting, file=media_file()
        )
        transcript_upload(actor=self.teacher, meeting=self.meeting, content=VTT)
        notes = SimpleUploadedFile("notes.md", NOTES)
        self.document: Document = document_upload(
            actor=self.teacher, classroom=self.classroom, file=notes
        ).document
        self.running = self.start(is_proctored=True)
        self.done = self.start()
        self.submission = self._post(f"attempts/{self.done['id']}/submit").json()
        self.fresh = make_assessment(classroom=self.classroom, questions=(TRUTH,))
        body = {"classroom": str(self.classroom.pk)}
        self.chat = self._post("chat/sessions", body).json()
        self._post(f"chat/sessions/{self.chat['id']}/messages", {"question": QUESTION})
        self.links = {
            "document": self.get("search", q=QUESTION).json()["results"][0]["url"],
            "recording": self.get(f"recordings/{self.recording.pk}").json()["download_url"],
            "transcript": self.get(f"meetings/{self.meeting.pk}/transcript").json()["download_url"],
        }

    def get(self, path: str, **query: Any) -> Any:
        return self.api.get(f"{API}/{path}", query)

    def start(self, **fields: Any) -> Any:
        quiz = make_assessment(classroom=self.classroom, questions=(TRUTH,), **fields)
        return self._post("attempts", {"assessment": str(quiz.pk)}).json()

    def leave(self) -> None:
        member_remove(actor=self.teacher, member=self.member)

    def requests(self) -> Iterator[tuple[str, str, Any]]:
        """What the student could do a moment ago: method, path under /api/v1/, body."""
        answers = {question["id"]: False for question in self.running["questions"]}
        attempt, session = self.running["id"], self.running["proctor_session"]
        image = SimpleUploadedFile("face.png", picture(), "image/png")
        yield "get", f"classrooms/{self.classroom.pk}", None
        yield "get", f"members/{self.member.pk}", None
        yield "delete", f"members/{self.member.pk}", None
        yield "get", f"users/{self.teacher.pk}", None
        yield "get", f"meetings/{self.meeting.pk}", None
        yield "get", f"meetings/{self.meeting.pk}/transcript", None
        yield "get", f"recordings/{self.recording.pk}", None
        yield "get", f"documents/{self.document.pk}", None
        yield "get", f"documents/{self.document.pk}/passages", None
        yield "get", f"search?q=plants&classroom={self.classroom.pk}", None
        yield "get", f"chat/sessions/{self.chat['id']}", None
        yield "get", f"chat/sessions/{self.chat['id']}/messages", None
        yield "post", f"chat/sessions/{self.chat['id']}/messages", {"question": QUESTION}
        yield "get", f"assessments/{self.fresh.pk}", None
        yield "post", "attempts", {"assessment": str(self.fresh.pk)}
        yield "post", "attempts", {"assessment": self.running["assessment"]}
        yield "get", f"attempts/{attempt}", None
        yield "patch", f"attempts/{attempt}", {"revision": 0, "answers": answers}
        yield "post", f"proctoring/sessions/{session}/violations", {"type": "tab_switch"}
        yield "post", f"proctoring/sessions/{session}/snapshots", {"image": image}
        yield "post", f"attempts/{attempt}/submit", {}
        yield "get", f"submissions/{self.submission['id']}", None

    def call(self, method: str, path: str, body: Any) -> Any:
        form = "multipart" if body and "image" in body else "json"
        kwargs = {} if method == "get" else {"data": body, "format": form}
        return getattr(self.api, method)(f"{API}/{path}", **kwargs)

    def _post(self, path: str, body: Any = None) -> Any:
        response = self.call("post", path, body or {})
        assert response.status_code < 300, response.content
        return response


def test_a_removed_student_is_refused_everywhere() -> None:
    life = Life()
    life.leave()
    answers = {
        f"{method} {path}": life.call(method, path, body).status_code
        for method, path, body in life.requests()
    }
    assert {call: code for call, code in answers.items() if code not in (403, 404)} == {}
    attempt = Attempt.objects.get(pk=life.running["id"])
    assert (attempt.answers, attempt.state) == ({}, "in_progress")


def test_the_same_requests_are_answered_to_a_student_of_the_class() -> None:
    life = Life()
    refused = [
        (method, path, response.status_code, response.content)
        for method, path, body in life.requests()
        if method != "delete"
        if (response := life.call(method, path, body)).status_code >= 400
    ]
    assert refused == []


def test_a_removed_student_finds_nothing_in_lists_and_searches() -> None:
    life = Life()
    life.leave()
    assert [path for path in LISTS if life.get(path).json()["results"]] == []
    assert life.get("search", q=QUESTION).json()["results"] == []
    assert life.get("transcripts/search", q="search trees").json()["results"] == []
    assert [user["id"] for user in life.get("users").json()["results"]] == [str(life.student.pk)]


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signed_link_of_a_removed_student_opens_nothing(kind: str) -> None:
    life = Life()
    opened = life.api.get(life.links[kind])
    assert opened.status_code == 200
    opened.close()
    life.leave()
    assert life.api.get(life.links[kind]).status_code == 404


def test_an_attempt_that_was_left_behind_locks_no_search_and_no_release() -> None:
    life = Life()
    locking = life.start(search_locked=True)
    assert life.get("search", q=QUESTION).status_code == 403
    life.leave()
    assert life.get("search", q=QUESTION).status_code == 200
    results_release(actor=life.teacher, assessment=Attempt.objects.get(pk=locking["id"]).assessment)
    assert Attempt.objects.get(pk=locking["id"]).state == "expired"
    submission = Submission.objects.get(assessment=locking["assessment"])
    assert (submission.answers, submission.score) == ({}, 0)


def test_an_attempt_that_was_left_behind_waits_while_another_runs() -> None:
    life = Life()
    left = Attempt.objects.select_related("assessment").get(pk=life.running["id"])
    attempt_start(user=make_student(life.classroom), assessment=left.assessment)
    life.leave()
    with pytest.raises(Conflict):
        results_release(actor=life.teacher, assessment=left.assessment)
    left.refresh_from_db()
    assert left.state == "in_progress"


def test_the_sweeps_go_on_with_what_a_removed_student_left_behind() -> None:
    life = Life()
    life.leave()
    Attempt.objects.filter(pk=life.running["id"]).update(
        expires_at=timezone.now() - timedelta(hours=1)
    )
    assert attempts_expire() == 1
    reports_write()
    attempt = Attempt.objects.get(pk=life.running["id"])
    assert (attempt.state, attempt.answers) == ("expired", {})
    for method, path, body in life.requests():
        assert life.call(method, path, body).status_code in (403, 404), path
    life.api.force_login(life.teacher)
    assert len(life.get("proctoring/reports").json()["results"]) == 1


def test_a_removed_student_comes_back_by_the_code_until_it_is_changed() -> None:
    life = Life()
    body = {"join_code": life.classroom.join_code}
    life.leave()
    back = life.call("post", "classrooms/join", body)
    assert (back.status_code, back.json()["role"]) == (200, "student")
    again = life.call("post", "classrooms/join", body)
    assert again.json() == back.json()
    assert life.get(f"classrooms/{life.classroom.pk}").status_code == 200
    member = Member.objects.get(pk=back.json()["id"])
    member_remove(actor=life.teacher, member=member, change_code=True)
    assert life.call("post", "classrooms/join", body).status_code == 404
    assert life.get(f"classrooms/{life.classroom.pk}").status_code == 404


def test_a_removed_student_who_asks_to_come_back_sees_nothing_meanwhile() -> None:
    life = Life()
    join_rules_update(actor=life.teacher, classroom=life.classroom, requires_approval=True)
    life.leave()
    asked = life.call("post", "classrooms/join", {"join_code": life.classroom.join_code})
    assert asked.status_code == 202
    for method, path, body in life.requests():
        assert life.call(method, path, body).status_code in (403, 404), path
    assert [path for path in LISTS if life.get(path).json()["results"]] == []
    assert life.call("post", f"join-requests/{asked.json()['id']}/approve", {}).status_code == 403
    assert JoinRequest.objects.filter(user=life.student).exists()


def test_a_removed_co_teacher_sees_no_request_and_no_roster() -> None:
    life = Life()
    colleague = TeacherFactory()
    place = Member.objects.create(classroom=life.classroom, user=colleague, role=MemberRole.TEACHER)
    waiting = JoinRequest.objects.create(classroom=life.classroom, user=TeacherFactory())
    roster = roster_upload(
        actor=colleague,
        classroom=life.classroom,
        file=SimpleUploadedFile("roster.csv", b"email\nnew@school.test\n"),
    )
    life.api.force_login(colleague)
    paths = (
        f"join-requests/{waiting.pk}",
        f"roster-imports/{roster.pk}",
        f"classrooms/{life.classroom.pk}/join-rules",
        f"classrooms/{life.classroom.pk}/roster",
    )
    assert [life.get(path).status_code for path in paths] == [200] * 4
    member_remove(actor=life.teacher, member=place)
    assert [life.get(path).status_code for path in paths] == [404] * 4
    for method, path in (
        ("post", f"join-requests/{waiting.pk}/approve"),
        ("delete", f"join-requests/{waiting.pk}"),
        ("post", f"roster-imports/{roster.pk}/confirm"),
        ("delete", f"roster-imports/{roster.pk}"),
        ("post", f"classrooms/{life.classroom.pk}/join-code"),
    ):
        assert life.call(method, path, {}).status_code == 404
    assert life.get("roster-imports").json()["results"] == []
    assert RosterImport.objects.filter(pk=roster.pk).exists()


def test_an_archived_class_takes_nothing_new() -> None:
    life = Life()
    classroom_update(actor=life.teacher, classroom=life.classroom, is_active=False)
    life.api.force_login(life.teacher)
    home = str(life.classroom.pk)
    notes = SimpleUploadedFile("new.md", NOTES)
    for path, body, form in (
        ("documents", {"classroom": home, "file": notes}, "multipart"),
        ("assessments", {"classroom": home, "title": "New", "type": "quiz"}, "json"),
        (
            "meetings",
            {"classroom": home, "title": "Lesson", "scheduled_at": "2027-01-11T09:00:00Z"},
            "json",
        ),
        ("members", {"classroom": home, "email": TeacherFactory().email}, "json"),
    ):
        response = life.api.post(f"{API}/{path}", body, format=form)
        assert (response.status_code, response.json()["code"]) == (409, "archived"), path


def test_an_archived_class_can_be_read_and_not_searched() -> None:
    life = Life()
    classroom_update(actor=life.teacher, classroom=life.classroom, is_active=False)
    assert life.get("classrooms", is_active="true").json()["results"] == []
    for path in ("classrooms", "meetings", "recordings", "documents", "chat/sessions"):
        assert len(life.get(path).json()["results"]) == 1
    assert life.get(f"chat/sessions/{life.chat['id']}/messages").status_code == 200
    assert life.get("search", q=QUESTION).json()["results"] == []
    assert life.get("search", q=QUESTION, classroom=str(life.classroom.pk)).status_code == 404
    assert life.get("transcripts/search", q="search trees").json()["results"] == []
    for path, body in (
        ("attempts", {"assessment": str(life.fresh.pk)}),
        ("chat/sessions", {"classroom": str(life.classroom.pk)}),
        (f"chat/sessions/{life.chat['id']}/messages", {"question": QUESTION}),
    ):
        assert life.call("post", path, body).status_code == 409
