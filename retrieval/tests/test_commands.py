"""`manage.py ingest_documents`, run as an operator runs it but in this process."""

import os
from pathlib import Path
from typing import Any

import pytest

from classrooms.tests.factories import ClassroomFactory
from config.commands import run_command_line
from retrieval.models import Document
from retrieval.services import ingestion
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


def test_paths_that_name_nothing_usable(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code_of_class = ClassroomFactory().join_code
    (folder / "closed").mkdir()

    def closed(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", closed)  # root may read every folder
    for argv, words in (
        ([""], "empty PATH"),
        (["x" * 300], "too long"),
        (["."], "Permission denied"),
        (["plants.txt", "--type", "x" * 51], "document_type"),
    ):
        code, _, err = run(capsys, *argv, "--classroom", code_of_class)
        assert code == 2, argv
        assert words in err
        assert len(err.strip().splitlines()) == 1
    assert not Document.objects.exists()


def test_a_file_that_vanishes_while_it_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def and_delete(files: Any, **options: Any) -> Any:
        wanted = list(files)
        digests = digest_files(wanted, **options)
        for (path, _), digest in zip(wanted, digests, strict=True):
            if path.name == "cells.md":
                path.unlink()
            yield digest

    digest_files = ingestion.digest_files
    monkeypatch.setattr(ingestion, "digest_files", and_delete)
    (folder / "new\nline.txt").write_text("A name of two lines.")
    code, out, err = run(capsys, str(folder), "--classroom", ClassroomFactory().join_code)
    assert code == 2
    assert "1 of 3 files" in out
    lines = sorted(line for line in err.splitlines() if line.startswith("error"))
    assert lines == [
        "error: 'new\\nline.txt': file: The file has no usable name.",
        f"error: week1/cells.md: {folder}/week1/cells.md: No such file or directory",
    ]
    assert [document.filename for document in Document.objects.all()] == ["plants.txt"]
