"""Folders for what is unpacked, and what a killed process leaves of them."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from retrieval.workfolders import work_folder

DAY = 24 * 60 * 60
HOLD = """
import time
from retrieval.workfolders import work_folder
with work_folder() as folder:
    (folder / "0").write_text("Plants")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is asked for again
    return tmp_path


def aged(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder, (then, then))


def test_it_goes_when_it_is_left(place: Path) -> None:
    with work_folder() as folder:
        (folder / "0").write_text("Plants")
        assert folder.parent == place
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_goes_a_day_later_and_not_while_it_runs(place: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        aged(left, 2 * DAY)
        with work_folder():
            assert left.exists()  # somebody is at work in it
    finally:
        process.kill()
        process.wait()
    aged(left, DAY / 2)
    with work_folder():
        assert left.exists()
    aged(left, 2 * DAY)
    with work_folder():
        assert not left.exists()


def test_only_folders_of_this_kind_are_deleted(place: Path) -> None:
    other, link = place / "other", place / "lectern-archive-link"
    other.mkdir()
    (other / "file").write_text("Kept.")
    link.symlink_to(other)
    for path in (other, link):
        os.utime(path, (0, 0), follow_symlinks=False)
    with work_folder():
        pass
    assert (other / "file").read_text() == "Kept."
