"""The patterns and archives that `ingest_documents` takes."""

import zipfile
from pathlib import Path

import pytest

from classrooms.tests.factories import ClassroomFactory
from retrieval.models import Document
from retrieval.tests.command import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "week1").mkdir()
    (tmp_path / "week1" / "cells.md").write_text("Every cell has a membrane.\n")
    (tmp_path / "week1" / "picture.png").write_bytes(b"\x89PNG")  # not of a type that is read
    (tmp_path / "plants.txt").write_text("Plants make sugar from light.\n")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("week*/*.md", {"week1/cells.md"}),
        ("**/*.*", {"week1/cells.md", "plants.txt"}),
        ("week1/c*", {"cells.md"}),
        ("we*", {"week1/cells.md"}),
        ("[p]*.txt", {"plants.txt"}),
    ],
)
def test_patterns_are_expanded(
    folder: Path, capsys: pytest.CaptureFixture[str], pattern: str, names: set[str]
) -> None:
    (folder / "week1" / ".hidden.md").write_text("Nobody sees me.")
    code_of_class = ClassroomFactory().join_code
    # Whatever is named twice is one file.
    code, _, err = run(capsys, *[str(folder / pattern)] * 2, "--classroom", code_of_class)
    assert (code, err) == (0, "")
    assert set(Document.objects.values_list("filename", flat=True)) == names


def test_a_pattern_that_matches_nothing_and_a_name_with_a_bracket(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code_of_class = ClassroomFactory().join_code
    code, _, err = run(capsys, str(folder / "*.png"), "--classroom", code_of_class)
    assert code == 2
    assert "no file of a type that can be read" in err
    (folder / "notes[1].md").write_text("Brackets are letters, too.")
    assert run(capsys, str(folder / "notes[1].md"), "--classroom", code_of_class)[0] == 0
    assert Document.objects.get().filename == "notes[1].md"


def test_archives_are_unpacked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(folder / "course.zip", "w") as archive:
        archive.writestr("week2/atoms.md", "Atoms have a nucleus.")
        archive.writestr("inner.zip", "PK")
    (folder / "broken.zip").write_bytes(b"PK nothing")
    classroom = ClassroomFactory()
    argv = (str(folder / "*.zip"), "--classroom", classroom.join_code)
    code, out, err = run(capsys, *argv)
    assert code == 2
    assert err.splitlines() == [
        "error: broken.zip: The file is no ZIP archive, or is damaged",
        "error: inner.zip: A ZIP archive inside another is not opened",
    ]
    assert "week2/atoms.md: 1 passage" in out
    assert "1 of 3 files" in out
    assert "week2/atoms.md: unchanged" in run(capsys, *argv)[1]


def test_archives_in_a_folder_are_unpacked_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(folder / "week1" / "course.ZIP", "w") as archive:
        archive.writestr("week2/atoms.md", "Atoms have a nucleus.")
    (folder / "broken.zip").write_bytes(b"PK nothing")
    code, out, err = run(capsys, str(folder), "--classroom", ClassroomFactory().join_code)
    assert code == 2
    assert err.splitlines() == ["error: broken.zip: The file is no ZIP archive, or is damaged"]
    assert "week2/atoms.md: 1 passage" in out
    names = {"week1/cells.md", "plants.txt", "week2/atoms.md"}
    assert set(Document.objects.values_list("filename", flat=True)) == names
