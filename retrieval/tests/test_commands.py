"""`manage.py ingest_documents`, run as an operator runs it but in this process."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from accounts.tests.factories import TeacherFactory
from classrooms.tests.factories import ClassroomFactory
from config import store_settings
from config.stores import stores
from retrieval.models import Document, DocumentChunk
from retrieval.services import ingestion
from retrieval.stores.base import document_vectors
from retrieval.tests.command import run

pytestmark = pytest.mark.django_db(transaction=True)


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
        for digests in digest_files(files, **options):
            (folder / "week1" / "cells.md").unlink(missing_ok=True)
            yield digests

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


# --- What would happen, and what happened as JSON ---


def everything() -> tuple[Any, ...]:
    storage: Any = Document._meta.get_field("file").storage  # type: ignore[union-attr]
    files = sorted(path for path in Path(storage.location).rglob("*") if path.is_file())
    rows = list(Document.objects.order_by("pk").values_list())
    return rows, DocumentChunk.objects.count(), document_vectors().count(), files


def test_a_dry_run_tells_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom = ClassroomFactory()
    argv = (str(folder), "--classroom", classroom.join_code)
    run(capsys, str(folder / "plants.txt"), str(folder / "week1"), *argv[1:])
    Document.objects.filter(filename="cells.md").update(filename="week1/cells.md")
    (folder / "week1" / "cells.md").write_text("# Cells\n\nOther words.\n\n# Walls\n\nMore.\n")
    (folder / "new.md").write_text("A new file.")
    (folder / "bad.pdf").write_text("no PDF")
    (folder / "empty.html").write_text("<p> </p>")
    before = everything()
    code, out, err = run(capsys, *argv, "--dry-run")
    assert everything() == before
    assert code == 2
    assert sorted(out.splitlines()[:-1]) == [
        "new.md: 1 passage",
        "plants.txt: unchanged",
        "week1/cells.md: 2 passages (replaces)",
    ]
    assert "3 of 5 files, 3 passages (1 new, 1 replaced, 1 unchanged)" in out
    assert "error: bad.pdf: The name says a PDF" in err
    assert "error: empty.html: There is no text in the file" in err

    told = json.loads(run(capsys, *argv, "--dry-run", "--json")[1])
    code, out, _ = run(capsys, *argv, "--json")
    done = json.loads(out)
    assert code == 2
    assert done["totals"] == told["totals"]
    assert done["totals"] == {
        "files": 5, "new": 1, "replaced": 1, "unchanged": 1, "failed": 2, "passages": 3
    }  # fmt: skip
    by_name = {file["name"]: file for file in done["files"]}
    assert by_name == {file["name"]: file for file in told["files"]}
    assert by_name["bad.pdf"]["error_code"] == "mislabelled"
    assert by_name["week1/cells.md"]["outcome"] == "replaced"
    assert (done["dry_run"], told["dry_run"]) == (False, True)
    assert done["passages_per_s"] > 0
    assert DocumentChunk.objects.filter(document__filename="week1/cells.md").count() == 2


# --- Who and where ---


def test_an_archived_class_and_a_person_without_the_right(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom = ClassroomFactory()
    argv = (str(folder), "--classroom", str(classroom.pk))
    for more in ((), ("--dry-run",)):
        code, _, err = run(capsys, *argv, *more, "--actor", TeacherFactory().email)
        assert (code, err) == (2, "error: You may not do this\n")
        code, _, err = run(capsys, *argv, *more, "--actor", "nobody@school.test")
        assert code == 2
        assert "nobody has the address" in err
    assert run(capsys, *argv, "--actor", classroom.teacher.email.upper())[0] == 0
    assert set(Document.objects.values_list("uploaded_by", flat=True)) == {classroom.teacher_id}
    classroom.is_active = False
    classroom.save()
    for more in ((), ("--dry-run",)):
        assert run(capsys, *argv, *more)[0::2] == (2, "error: The class is archived.\n")


def test_an_engine_that_is_down_is_another_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    classroom = ClassroomFactory()
    embedded = settings.STORES
    settings.STORES = {**embedded, **store_settings.qdrant_stores("http://127.0.0.1:1")}
    stores.close()
    try:
        code, out, err = run(capsys, str(folder), "--classroom", classroom.join_code, "--json")
    finally:
        settings.STORES = embedded
        stores.close()
    assert code == 1
    assert err == "error: Qdrant is unavailable\n"
    assert json.loads(out)["error"] == "Qdrant is unavailable"
    assert everything()[0] == []
    assert everything()[3] == []
