"""Material in the admin."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import AdminFactory, TeacherFactory
from classrooms.tests.factories import ClassroomFactory
from retrieval.models import Document, IngestState
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "admin:retrieval_document_add"
LIST = "admin:retrieval_document_changelist"
NOTES = b"# Photosynthesis\n\nPlants make sugar from light, water and carbon dioxide.\n"


def browser(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


def test_a_teacher_uploads_looks_and_searches() -> None:
    classroom = ClassroomFactory()
    web = browser(classroom.teacher)
    assert web.get(reverse(ADD)).status_code == 200
    form = {
        "classroom": str(classroom.pk),
        "document_type": "material",
        "file": SimpleUploadedFile("notes.md", NOTES),
    }
    assert web.post(reverse(ADD), form).status_code == 302
    document = Document.objects.get()
    assert document.state == IngestState.READY
    page = web.get(reverse("admin:retrieval_document_change", args=[document.pk]))
    assert "Plants make sugar" in page.content.decode()
    assert "notes.md" in web.get(reverse(LIST)).content.decode()
    found = web.get(reverse("admin:retrieval_document_search_page"), {"q": "sugar from light"})
    shown = found.content.decode()
    assert "Plants make <mark>sugar from light</mark>" in shown
    assert "cosine similarity" in shown
    opened = web.get(reverse("admin:retrieval_document_open_file", args=[document.pk]))
    assert opened.status_code == 302
    assert b"".join(web.get(opened["Location"]).streaming_content) == NOTES  # type: ignore[attr-defined]
    delete = reverse("admin:retrieval_document_delete", args=[document.pk])
    assert web.post(delete, {"post": "yes"}).status_code == 302
    assert not Document.objects.exists()


def test_a_bad_file_is_a_message() -> None:
    classroom = ClassroomFactory()
    form = {
        "classroom": str(classroom.pk),
        "document_type": "material",
        "file": SimpleUploadedFile("notes.pdf", b"not a PDF"),
    }
    page = browser(classroom.teacher).post(reverse(ADD), form, follow=True)
    assert "The name says a PDF" in page.content.decode()
    assert not Document.objects.exists()


def test_the_page_reloads_itself_only_while_something_is_going_on() -> None:
    document = DocumentFactory()
    web = browser(document.classroom.teacher)
    change = reverse("admin:retrieval_document_change", args=[document.pk])
    for url in (reverse(LIST), change):
        assert "location.reload" in web.get(url).content.decode()
    Document.objects.update(state=IngestState.READY)
    for url in (reverse(LIST), change):
        assert "location.reload" not in web.get(url).content.decode()


def test_a_teacher_sees_only_the_material_of_their_classes() -> None:
    document = DocumentFactory(filename="secret-notes.md")
    stranger = browser(TeacherFactory())
    assert "secret-notes" not in stranger.get(reverse(LIST)).content.decode()
    url = reverse("admin:retrieval_document_change", args=[document.pk])
    assert stranger.get(url).status_code == 302  # Django's answer for what does not exist
    form = {
        "classroom": str(document.classroom_id),
        "document_type": "material",
        "file": SimpleUploadedFile("intruder.md", NOTES),
    }
    assert stranger.post(reverse(ADD), form).status_code == 200  # the form again, with an error
    assert Document.objects.count() == 1
    assert "secret-notes" in browser(AdminFactory()).get(reverse(LIST)).content.decode()


def test_trying_again_is_a_post_with_a_dialog() -> None:
    document = DocumentFactory(state=IngestState.FAILED, error="out of memory")
    web = browser(document.classroom.teacher)
    url = reverse("admin:retrieval_document_retry", args=[document.pk])
    web.get(url)
    document.refresh_from_db()
    assert document.state == IngestState.FAILED
    web.post(url, {"_form_submitted": "True"})
    document.refresh_from_db()
    assert document.state == IngestState.READY
