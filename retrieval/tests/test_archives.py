"""ZIP archives of material: what is taken of them, and what strangers may put into one."""

import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factories import TeacherFactory
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config import limits
from config.errors import Conflict, DomainError, InvalidInput, NotAllowed, TooLarge
from retrieval import archives, services
from retrieval.models import Document, IngestState
from retrieval.tests.files import write_docx

TEXT = "Plants make sugar from light."


def write_zip(path: Path, files: dict[str, str | bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def taken(path: Path) -> dict[str, str]:
    """What became of each member: its text, or the code of its error."""
    found = {}
    with archives.unpacked(path) as members:
        for member in members:
            if isinstance(member.found, DomainError):
                found[member.name] = member.found.code
            else:
                found[member.name] = member.found.read_text()
    return found


def test_members_keep_their_folders_and_junk_is_passed_over(tmp_path: Path) -> None:
    names = ("week1/cells.md", "plants.txt", ".hidden.md", "week1/.git/x.md", "__MACOSX/week1/a.md")
    path = write_zip(tmp_path / "a.zip", {**dict.fromkeys(names, TEXT), "empty/": ""})
    assert taken(path) == {"week1/cells.md": TEXT, "plants.txt": TEXT}


@pytest.mark.parametrize(
    "name",
    ["../out.md", "a/../../out.md", "/etc/out.md", "C:/out.md", "c:out.md", "..\\out.md"],
)
def test_names_that_lead_out_of_the_archive(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "a.zip", {name: TEXT, "in.md": TEXT})
    assert taken(path) == {name.replace("\\", "/"): "unsafe_name", "in.md": TEXT}
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def test_names_of_windows_and_macos(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"week1\\cells.md": TEXT, "xxxx.md": TEXT})
    # macOS writes UTF-8, decomposed, and does not say so.
    raw = path.read_bytes().replace(b"xxxx.md", "zU\u0308.md".encode())
    path.write_bytes(raw)
    assert taken(path) == {"week1/cells.md": TEXT, "zÜ.md": TEXT}


def test_a_name_twice_a_link_and_an_archive_inside(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/b.md", TEXT)
        archive.writestr("a\\b.md", TEXT)
        archive.writestr("inner.ZIP", b"PK\x03\x04")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("picture.png", b"\x89PNG")
    with archives.unpacked(path) as members:
        found = [(m.name, getattr(m.found, "code", "")) for m in members]
    assert found == [
        ("a/b.md", ""),
        ("a/b.md", "same_name"),
        ("inner.ZIP", "nested_archive"),
        ("link.md", "unsafe_name"),
        ("picture.png", "unsupported_type"),
    ]


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "a.zip", {"zeros.txt": bytes(30 * limits.MIB), "in.md": TEXT})
    assert taken(path) == {"zeros.txt": "too_large", "in.md": TEXT}
    monkeypatch.setattr(limits, "DOCUMENT_MAX_BYTES", 1000)
    path = write_zip(tmp_path / "b.zip", {"long.md": "a b " * 300, "in.md": TEXT})
    assert taken(path) == {"long.md": "too_large", "in.md": TEXT}
    monkeypatch.setattr(limits, "ARCHIVE_MAX_UNPACKED", 1500)
    path = write_zip(tmp_path / "c.zip", {f"{n}.txt": "a b " * 150 for n in range(4)})
    assert [len(text) for text in taken(path).values()] == [600, 600, 9, 9]
    monkeypatch.setattr(limits, "ARCHIVE_MAX_FILES", 3)
    with pytest.raises(TooLarge, match="more than 3 files"):
        taken(path)


def test_an_archive_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"zeros.txt": bytes(limits.MIB)})
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<L", limits.MIB), struct.pack("<L", 10)))
    assert taken(path) == {"zeros.txt": "corrupt"}


def test_a_damaged_member_stops_no_other(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"bad.md": TEXT * 50, "in.md": TEXT})
    raw = bytearray(path.read_bytes())
    raw[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    assert taken(path) == {"bad.md": "corrupt", "in.md": TEXT}


def test_archives_that_can_not_be_opened(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "whole.zip", {"in.md": TEXT})
    cut, text = tmp_path / "cut.zip", tmp_path / "text.zip"
    cut.write_bytes(whole.read_bytes()[:-30])
    text.write_text(TEXT)
    locked = tmp_path / "locked.zip"
    raw = bytearray(whole.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(raw)
    word = write_docx(tmp_path / "word.zip")
    nothing = write_zip(tmp_path / "nothing.zip", {"folder/": ""})
    for path, code in (
        (cut, "corrupt"),
        (text, "corrupt"),
        (locked, "encrypted"),
        (word, "mislabelled"),
        (nothing, "empty"),
    ):
        with pytest.raises(InvalidInput) as caught:
            taken(path)
        assert caught.value.code == code, path
        assert "\n" not in str(caught.value)


# --- As an upload ---


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes(), "application/zip")


@pytest.mark.django_db(transaction=True)
def test_an_archive_becomes_documents_and_again_unchanged(tmp_path: Path) -> None:
    classroom = ClassroomFactory()
    path = write_zip(
        tmp_path / "course.zip",
        {"week1/cells.md": "Cells have membranes.", "plants.txt": TEXT, "bad.pdf": "no PDF"},
    )
    result = services.documents_upload_archive(
        actor=classroom.teacher, classroom=classroom, file=upload(path), document_type="reading"
    )
    assert {document.filename for document in result.documents} == {"week1/cells.md", "plants.txt"}
    assert [(item.filename, item.error.code) for item in result.refused] == [
        ("bad.pdf", "mislabelled")
    ]
    for document in Document.objects.all():
        assert document.state == IngestState.READY
        assert document.document_type == "reading"
        assert Path(document.file.path).stat().st_mode & 0o777 == 0o600
    again = services.documents_upload_archive(
        actor=classroom.teacher, classroom=classroom, file=upload(path), document_type="reading"
    )
    assert again.documents == []
    assert len(again.unchanged) == 2
    hits = services.search_documents(user=classroom.teacher, query="sugar from light").hits
    assert hits[0].passage.filename == "plants.txt"


@pytest.mark.django_db(transaction=True)
def test_who_may_upload_one_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom = ClassroomFactory()
    path = write_zip(tmp_path / "course.zip", {"plants.txt": TEXT})

    def send(actor: Any, file: Any = None) -> None:
        services.documents_upload_archive(
            actor=actor, classroom=classroom, file=file or upload(path)
        )

    for stranger in (MemberFactory(classroom=classroom).user, TeacherFactory()):
        with pytest.raises(NotAllowed):
            send(stranger)
    with pytest.raises(InvalidInput, match="no ZIP"):
        send(classroom.teacher, SimpleUploadedFile("a.rar", b"Rar!"))
    with pytest.raises(InvalidInput, match="empty"):
        send(classroom.teacher, SimpleUploadedFile("a.zip", b""))
    monkeypatch.setattr(limits, "ARCHIVE_MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        send(classroom.teacher)
    classroom.is_active = False
    classroom.save()
    with pytest.raises(Conflict):
        send(classroom.teacher)
    assert not Document.objects.exists()
