"""Signed links to private files."""

import io
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse

from accounts import files
from accounts.files import PrivateFile, file_link, register_file_kind
from accounts.models import User
from accounts.tests.clients import browser_as
from accounts.tests.factories import UserFactory
from config import limits
from config.errors import NotAllowed

pytestmark = pytest.mark.django_db

CONTENT = b"WEBVTT"


class Shelf:
    """Owns the files of kind "shelf", and who may have them."""

    def __init__(self) -> None:
        self.readers: set[UUID] = set()
        self.name = "notes.vtt"

    def open(self, user: User, object_id: UUID) -> PrivateFile:
        if user.pk not in self.readers:
            raise NotAllowed("You have left the class.")
        return PrivateFile(io.BytesIO(CONTENT), self.name)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(files, "_openers", {})
    shelf = Shelf()
    register_file_kind("shelf", shelf.open)
    return shelf


@pytest.fixture
def reader(shelf: Shelf) -> User:
    user = UserFactory()
    shelf.readers.add(user.pk)
    return user


def link_for(user: User, filename: str = "notes.vtt") -> str:
    return file_link(kind="shelf", object_id=uuid4(), filename=filename, user=user)


def problem_code(response: HttpResponse) -> str:
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["code"]


def test_the_file(reader: User) -> None:
    response = browser_as(reader).get(link_for(reader))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == CONTENT
    assert response["Content-Type"] == "text/vtt"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "script.js", "unknown", "x.xml"])
def test_what_could_run_is_downloaded(shelf: Shelf, reader: User, name: str) -> None:
    shelf.name = name
    response = browser_as(reader).get(link_for(reader))
    assert response["Content-Disposition"].startswith("attachment")


def test_nobody_is_signed_in(reader: User) -> None:
    response = browser_as().get(link_for(reader))
    assert (response.status_code, problem_code(response)) == (401, "not_authenticated")


def test_the_link_of_another_person(shelf: Shelf, reader: User) -> None:
    other = UserFactory()
    shelf.readers.add(other.pk)
    response = browser_as(other).get(link_for(reader))
    assert (response.status_code, problem_code(response)) == (403, "permission_denied")


def test_it_expires(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_for(reader)
    assert browser_as(reader).get(link).status_code == 200
    monkeypatch.setattr(limits, "FILE_LINK_TTL", -1)
    response = browser_as(reader).get(link)
    assert (response.status_code, problem_code(response)) == (410, "link_expired")


@pytest.mark.parametrize("change", ["first", "last", "cut", "other"])
def test_it_can_not_be_changed(reader: User, change: str) -> None:
    link = link_for(reader)
    _, _, token, filename = link.split("/")
    changed = {
        "first": ("X" if token[0] != "X" else "Y") + token[1:],
        "last": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "cut": token.rpartition(":")[0],
        "other": "nonsense",
    }[change]
    response = browser_as(reader).get(f"/files/{changed}/{filename}")
    assert (response.status_code, problem_code(response)) == (404, "not_found")


def test_it_ends_with_the_right_to_the_file(shelf: Shelf, reader: User) -> None:
    link, browser = link_for(reader), browser_as(reader)
    assert browser.get(link).status_code == 200
    shelf.readers.clear()
    response = browser.get(link)
    assert (response.status_code, problem_code(response)) == (403, "permission_denied")


def test_reading_only(reader: User) -> None:
    assert browser_as(reader).post(link_for(reader)).status_code == 405


@pytest.mark.parametrize("name", ["???", "..", "a/b\\c.pdf", "für Anfänger 1.pdf", ""])
def test_any_name(reader: User, name: str) -> None:
    assert browser_as(reader).get(link_for(reader, name)).status_code == 200


def test_a_kind_that_nobody_opens(shelf: Shelf) -> None:
    with pytest.raises(LookupError):
        file_link(kind="unknown", object_id=uuid4(), filename="x", user=UserFactory())
