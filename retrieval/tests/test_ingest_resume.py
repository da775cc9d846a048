"""`ingest_documents` that is killed or interrupted, as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import numpy as np
import pytest
from django.conf import settings
from django.db import connection

from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory
from retrieval.models import Document, DocumentChunk
from retrieval.pipeline import passage_id
from retrieval.stores.base import document_vectors

pytestmark = pytest.mark.django_db(transaction=True)

FILES, PASSAGES = 60, 8


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for number in range(FILES):
        parts = "".join(
            f"# Part {part}\n\n" + f"Lesson {number} says in part {part} what light does. " * 20
            for part in range(PASSAGES)
        )
        (tmp_path / f"lesson{number:02}.md").write_text(parts + "\n")
    return tmp_path


def start(course: Path, classroom: Classroom) -> "subprocess.Popen[str]":
    parts = urlsplit(settings.DATABASE_URL)
    url = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    argv = ("ingest_documents", str(course), "--classroom", classroom.join_code or "")
    return subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", *argv],
        env={**os.environ, "DATABASE_URL": url, "MEDIA_ROOT": str(settings.MEDIA_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_the_middle(process: "subprocess.Popen[str]", classroom: Classroom) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if Document.objects.filter(classroom=classroom).exists():
            return
        time.sleep(0.005)
    pytest.fail(f"it was over before: {process.communicate()}")


def stored() -> set[Path]:
    storage: Any = Document._meta.get_field("file").storage  # type: ignore[union-attr]
    return {path for path in Path(storage.location).rglob("*") if path.is_file()}


def contents(classroom: Classroom) -> dict[str, Any]:
    """All that the class has, in words that two classes can share."""
    found = {}
    for document in Document.objects.filter(classroom=classroom):
        rows = DocumentChunk.objects.filter(document=document).order_by("chunk_index")
        assert [row.pk for row in rows] == [
            passage_id(document.pk, row.chunk_index) for row in rows
        ]
        found[document.filename] = {
            "columns": (
                *(document.state, document.error, document.warnings, document.pages),
                *(document.chunks, document.done, document.total, document.pipeline),
                *(document.size_bytes, document.file_hash, document.content_hash),
            ),
            "file": Path(document.file.path).read_bytes(),
            "passages": [
                (row.headings, row.text, row.page_number, row.terms, row.weights) for row in rows
            ],
        }
    return found


def vectors(classroom: Classroom) -> dict[tuple[str, int], Any]:
    found: dict[tuple[str, int], Any] = {}
    after, names = None, dict(classroom.documents.values_list("pk", "filename"))
    while True:
        page = document_vectors().scan(after=after, limit=500)
        for passage, vector in page.records:
            if passage.classroom_id == classroom.pk:
                assert passage.id == passage_id(UUID(str(passage.document_id)), passage.chunk_index)
                found[names[passage.document_id], passage.chunk_index] = np.asarray(vector)
        if page.next is None:
            return found
        after = page.next


def test_after_a_kill_it_goes_on_and_ends_as_if_nothing_had_been(course: Path) -> None:
    killed, clean = ClassroomFactory(), ClassroomFactory()
    first = start(course, killed)
    wait_for_the_middle(first, killed)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    connection.close()  # the dead one's transaction ends when the server sees that it is gone
    committed = Document.objects.filter(classroom=killed).count()
    assert 0 < committed < FILES

    out, err = (second := start(course, killed)).communicate(timeout=120)
    assert (second.returncode, err) == (0, "")
    assert committed <= out.count(": unchanged") < FILES
    assert f"{FILES} of {FILES} files" in out
    third = start(course, clean)
    assert third.communicate(timeout=120)[1] == ""

    assert contents(killed) == contents(clean)
    assert len(contents(killed)) == FILES
    mine, theirs = vectors(killed), vectors(clean)
    assert mine.keys() == theirs.keys()
    assert len(mine) == DocumentChunk.objects.filter(classroom=killed).count()
    for place, vector in mine.items():
        np.testing.assert_allclose(vector, theirs[place], atol=1e-5)


def test_an_interrupted_one_says_so_in_one_line_and_leaves_whole_documents(course: Path) -> None:
    classroom = ClassroomFactory()
    process = start(course, classroom)
    wait_for_the_middle(process, classroom)
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "error: interrupted\n"
    assert "files, " not in out
    documents = Document.objects.filter(classroom=classroom)
    assert 0 < documents.count() < FILES
    assert set(documents.values_list("state", flat=True)) == {"ready"}
    assert {Path(document.file.path) for document in documents} == stored()
    passages = DocumentChunk.objects.filter(classroom=classroom).count()
    assert passages == sum(documents.values_list("chunks", flat=True))
    assert document_vectors().count(classroom_ids=[classroom.pk]) == passages
