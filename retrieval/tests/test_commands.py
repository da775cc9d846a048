"""`manage.py ingest_documents`, run as an operator runs it but in this process."""

from pathlib import Path

import pytest

from classrooms.tests.factories import ClassroomFactory
from config.commands import run_command_line
from retrieval.models import Document
from retrieval.stores.base import document_vectors

pytestmark = pytest.mark.django_db(transaction=True)


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    try:
        code = run_command_line(["manage.py", "ingest_documents", *argv])
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "week1").mkdir()
    (tmp_path / "week1" / "cells.md").write_text("# Cells\n\nEvery cell has a membrane.\n")
    (tmp_path / "week1" / "picture.png").write_bytes(b"\x89PNG")  # not of a type that is read
    (tmp_path / "plants.txt").write_text("Plants make sugar from light.\n")
    return tmp_path


def test_a_folder_is_ingested_and_again_unchanged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom = ClassroomFactory()
    code, out, _ = run(capsys, str(folder), "--classroom", classroom.join_code)
    assert code == 0
    assert "2 of 2 files, 2 passages" in out
    assert set(Document.objects.values_list("filename", flat=True)) == {
        "plants.txt",
        "week1/cells.md",
    }
    code, out, _ = run(capsys, str(folder), "--classroom", str(classroom.pk))
    assert code == 0
    assert out.count("unchanged") == 2
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 2


def test_a_file_that_fails_stops_no_other_and_leaves_no_trace(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom = ClassroomFactory()
    (folder / "empty.pdf").touch()
    code, out, err = run(capsys, str(folder), "--classroom", classroom.join_code)
    assert code == 2
    assert err.strip().splitlines() == ["error: empty.pdf: The file is empty"]
    assert "2 of 3 files" in out
    assert Document.objects.count() == 2


@pytest.mark.parametrize("argv", [("/no/such/path",), (".",)])
def test_what_is_not_there_is_one_line(
    argv: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    classroom = ClassroomFactory()
    code, _, err = run(capsys, *argv, "--classroom", classroom.join_code)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    code, _, err = run(capsys, *argv, "--classroom", "NOSUCH00")
    assert code == 2
    assert "NOSUCH00" in err
