"""Stored files and members of archives have no extension: the name is told beside the path."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config import limits
from retrieval.parsing.registry import EXTENSIONS, parse_document
from retrieval.tests.files import BODY, write_docx, write_epub, write_pdf, write_pptx, write_xlsx


def _book(path: Path) -> Path:
    return write_epub(path, {"one.xhtml": "<html><body><p>Cells.</p></body></html>"})


def _text(content: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_text(content)
        return path

    return write


WRITERS: dict[str, Callable[[Path], Path]] = {
    ".pdf": lambda path: write_pdf(path, [[(*BODY, "Cells have walls.")]]),
    ".docx": write_docx,
    ".pptx": write_pptx,
    ".xlsx": lambda path: write_xlsx(path, {"Cells": [["Name"], ["Wall"]]}),
    ".epub": _book,
    ".html": _text("<p>Cells have walls.</p>"),
    ".md": _text("Cells have walls."),
    ".txt": _text("Cells have walls."),
    ".vtt": _text("WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nCells.\n"),
    ".srt": _text("1\n00:00:01,000 --> 00:00:04,000\nCells.\n"),
}


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_path_without_an_extension_is_read(tmp_path: Path, extension: str) -> None:
    same = {".htm": ".html", ".xhtml": ".html", ".markdown": ".md", ".text": ".txt"}
    path = WRITERS[same.get(extension, extension)](tmp_path / "named")
    bare = path.rename(tmp_path / "0f3a")
    document = parse_document(
        bare,
        f"notes{extension}",
        max_bytes=limits.DOCUMENT_MAX_BYTES,
        max_pages=limits.DOCUMENT_MAX_PAGES,
    )
    assert document.blocks
