"""An attempt that forbids it locks search, chat and the text of material until it has ended."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.clients import api_as, browser_as
from assessments import services as exams
from assessments.tests.factories import make_assessment, make_student
from config.errors import NotAllowed
from retrieval import selectors, services

pytestmark = pytest.mark.django_db(transaction=True)


def test_search_and_chat_are_locked_while_such_an_attempt_runs() -> None:
    assessment = make_assessment(search_locked=True)
    student = make_student(assessment.classroom)
    session = services.chat_session_start(user=student, classroom=assessment.classroom)
    services.search_documents(user=student, query="anything")
    attempt = exams.attempt_start(user=student, assessment=assessment)
    for act in (
        lambda: services.search_documents(user=student, query="anything"),
        lambda: services.search_web(user=student, query="anything"),
        lambda: services.chat_ask(user=student, session=session, question="Anything?"),
        lambda: services.chat_history(user=student, session=session),
    ):
        with pytest.raises(NotAllowed) as caught:
            act()
        assert caught.value.code == "search_locked"
    exams.attempt_submit(user=student, attempt=attempt)
    services.search_documents(user=student, query="anything")


def test_the_text_of_material_is_locked_too_and_its_titles_are_not() -> None:
    assessment = make_assessment(search_locked=True)
    student, other = make_student(assessment.classroom), make_student(assessment.classroom)
    teacher = assessment.classroom.teacher
    document = services.document_upload(
        actor=teacher,
        classroom=assessment.classroom,
        file=SimpleUploadedFile("plants.md", b"Plants make sugar from light."),
    ).document
    passages = f"/api/v1/documents/{document.pk}/passages"
    # A link that was made before the attempt began.
    link = selectors.document_link(user=student, document_id=document.pk, filename="plants.md")
    attempt = exams.attempt_start(user=student, assessment=assessment)
    client = api_as(student)
    for path in (passages, link):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "search_locked")
        assert refused.json()["detail"] == "The material is locked until your attempt has ended."
    with pytest.raises(NotAllowed):
        selectors.document_passages(user=student, document=document)
    listed = client.get("/api/v1/documents").json()["results"]
    assert [row["filename"] for row in listed] == ["plants.md"]
    assert client.get(f"/api/v1/documents/{document.pk}").status_code == 200
    assert api_as(other).get(passages).status_code == 200
    exams.attempt_submit(user=student, attempt=attempt)
    assert client.get(passages).status_code == 200
    assert client.get(link).status_code == 200


def test_the_admin_shows_a_locked_document_without_its_text() -> None:
    assessment = make_assessment(search_locked=True)
    teacher = assessment.classroom.teacher
    document = services.document_upload(
        actor=teacher,
        classroom=assessment.classroom,
        file=SimpleUploadedFile("plants.md", b"Plants make sugar from light."),
    ).document
    student = make_student(assessment.classroom)
    student.role = "teacher"  # of another class
    student.save()
    page = f"/admin/retrieval/document/{document.pk}/change/"
    assert browser_as(teacher).get(page).status_code == 200
    attempt = exams.attempt_start(user=student, assessment=assessment)
    response = browser_as(student).get(page)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "plants.md" in shown
    assert "The material is locked until your attempt has ended." in shown
    assert response.context["passages"] == []
    exams.attempt_submit(user=student, attempt=attempt)
    assert "locked until" not in browser_as(student).get(page).content.decode()
