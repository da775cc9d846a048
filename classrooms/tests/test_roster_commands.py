"""import_roster and export_roster."""

import os
from pathlib import Path

import pytest

from accounts.models import User
from classrooms.models import Member
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes
from config.commands import run_command_line

pytestmark = pytest.mark.django_db(transaction=True)  # a command closes its connection


@pytest.fixture
def school() -> School:
    return make_school()


def run(*arguments: object) -> int:
    try:
        return run_command_line(["manage.py", *map(str, arguments)])
    except SystemExit as error:
        return int(error.code or 0)


def test_a_dry_run_and_then_the_import(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(csv_bytes("new@school.test,New,", f"{school.student.email},,"))
    command = ("import_roster", path, "--classroom", school.classroom.join_code.lower())
    assert run(*command, "--dry-run") == 0
    said = capsys.readouterr()
    assert "2 rows: 1 new account, 1 there already (a dry run" in said.out
    assert not User.objects.filter(email="new@school.test").exists()
    assert run(*command) == 0
    said = capsys.readouterr()
    assert said.out == "2 rows: 1 new account, 1 there already\n"
    # No bar where there is no terminal; the mails' tasks, which run here, log.
    assert [line for line in said.err.splitlines() if "celery" not in line] == []
    assert Member.objects.filter(user__email="new@school.test").exists()


def test_errors_are_a_table(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(csv_bytes("bad,,", "a@school.test,,king"))
    assert run("import_roster", path, "--classroom", school.classroom.pk) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "   row  column   error",
        "     2  email    Not an address: bad",
        "     3  role     Not a role: king. One of student, assistant, teacher.",
        "error: 2 errors; nothing was imported",
    ]
    assert not User.objects.filter(email="a@school.test").exists()


def test_what_is_one_line(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, folder = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "folder"
    good.write_bytes(csv_bytes("a@school.test,,"))
    bad.write_bytes(b"%PDF-1.4")
    folder.mkdir()
    code = school.classroom.join_code
    for arguments, words in (
        (("import_roster", good, "--classroom", "NOTHING"), "no class"),
        (("import_roster", tmp_path / "none.csv", "--classroom", code), "no such file"),
        (("import_roster", folder, "--classroom", code), "directory"),
        (("import_roster", bad, "--classroom", code), "neither a CSV"),
        (("export_roster", tmp_path / "x.pdf", "--classroom", code), ".csv or .xlsx"),
        (("export_roster", tmp_path / "no" / "x.csv", "--classroom", code), "No such file"),
    ):
        assert run(*arguments) == 2, arguments
        said = capsys.readouterr().err
        assert said.startswith("error: "), said
        assert words in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_and_import_is_a_no_op(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = tmp_path / f"roster.{kind}"
    assert run("export_roster", path, "--classroom", school.classroom.join_code) == 0
    assert "3 members of Algebra" in capsys.readouterr().out
    assert run("import_roster", path, "--classroom", school.classroom.join_code) == 0
    assert capsys.readouterr().out == "3 rows: 3 there already\n"


def test_a_pipe_is_no_roster_and_a_full_disk_is_one_line(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe, link = tmp_path / "roster.csv", tmp_path / "full.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        assert run("import_roster", path, "--classroom", school.classroom.pk) == 2
        assert "no roster" in capsys.readouterr().err
    link.symlink_to("/dev/full")
    assert run("export_roster", link, "--classroom", school.classroom.pk) == 1
    said = capsys.readouterr().err
    assert (said.startswith("error: "), said.count("\n")) == (True, 1)
