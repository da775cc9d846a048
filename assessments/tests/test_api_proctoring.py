"""Proctoring over the API: what the client posts, what teachers read."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from assessments import services
from assessments.tests.factories import make_assessment, make_student, picture, signed_in
from config import limits

pytestmark = pytest.mark.django_db
API = "/api/v1"


def test_proctoring_over_the_api() -> None:
    assessment = make_assessment(is_proctored=True)
    teacher = signed_in(assessment.classroom.teacher)
    student = signed_in(make_student(assessment.classroom))
    with TestCase.captureOnCommitCallbacks(execute=True):
        attempt = student.post(f"{API}/attempts", {"assessment": str(assessment.pk)}).data
    session = f"{API}/proctoring/sessions/{attempt['proctor_session']}"
    posted = student.post(f"{session}/violations", {"type": "no_face", "details": {"for": 3}})
    assert posted.data == {"recorded": True}
    assert student.post(f"{session}/violations", {"type": "x"}).status_code == 400

    def send(content: bytes) -> Any:
        image = SimpleUploadedFile("face.png", content, "image/png")
        body = {"image": image, "violations": ["multiple_faces", "no_face"]}
        return student.post(f"{session}/snapshots", body, format="multipart")

    assert send(picture()).status_code == 201
    assert send(b"no picture").status_code == 400
    assert send(picture() + b"x" * limits.SNAPSHOT_MAX_BYTES).status_code == 413
    assert student.get(session).status_code == 404
    assert [item["type"] for item in teacher.get(session).data["violations"]] == ["no_face"]
    with TestCase.captureOnCommitCallbacks(execute=True):
        student.post(f"{API}/attempts/{attempt['id']}/submit")
    assert student.post(f"{session}/violations", {"type": "no_face"}).status_code == 409

    page = teacher.get(f"{API}/proctoring/reports", {"risk_level": "low"}).data
    assert [item["session_id"] for item in page["results"]] == [attempt["proctor_session"]]
    assert teacher.get(f"{API}/proctoring/reports", {"risk_level": "high"}).data["results"] == []
    report = teacher.get(f"{API}/proctoring/reports/{attempt['proctor_session']}").data
    assert report["violations"][0]["details"] == {"for": 3}
    teacher.force_login(assessment.classroom.teacher)
    opened = teacher.get(report["frame_snapshots"][0]["image_url"])
    assert (opened.status_code, opened["Content-Type"]) == (200, "image/png")
    reports = f"{API}/proctoring/reports"
    assert student.get(f"{reports}/{attempt['proctor_session']}").status_code == 404
    assert teacher.get(reports, {"cursor": "nonsense"}).status_code == 400
    assert teacher.get(reports, {"assessment": "nonsense"}).status_code == 400
    assert teacher.get(reports, {"risk_level": "nonsense"}).status_code == 400
    assert teacher.get(reports, {"risk_level": "\x00"}).status_code == 400


def test_report_pages_meet() -> None:
    assessment = make_assessment(is_proctored=True)
    teacher = signed_in(assessment.classroom.teacher)
    for _ in range(3):
        student = make_student(assessment.classroom)
        attempt = services.attempt_start(user=student, assessment=assessment)
        with TestCase.captureOnCommitCallbacks(execute=True):
            services.attempt_submit(user=student, attempt=attempt)
    url, seen = f"{API}/proctoring/reports?page_size=2", []
    while url:
        page = teacher.get(url).data
        assert len(page["results"]) <= 2
        seen += [item["session_id"] for item in page["results"]]
        url = page["next"]
    assert len(set(seen)) == len(seen) == 3
