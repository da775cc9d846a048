"""A corpus of a textbook: its files as passages, its queries with the right answers."""

import json
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium

from retrieval.chunking import Chunk, Chunker
from retrieval.embedders.base import Embedder
from retrieval.parsing.registry import MIB, parse_document

FILES = {"html": "sections/*.html", "pdf": "chapters/*.pdf"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of the file `document`, which is a name without its folder."""

    document: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Corpus:
    """The queries, and by source what answers each of them: a section's file ("html"), a
    chapter's file ("pdf"), the pages of a section in a chapter's file ("pdf-pages")."""

    queries: list[str]
    wanted: dict[str, list[str]]


def load_corpus(folder: Path) -> Corpus:
    """Raises SystemExit for a folder that is no corpus."""
    path = folder / "queries.jsonl"
    if not path.is_file():
        raise SystemExit(f"{path} is not there: CORPUS_DIR needs queries.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return Corpus(
        queries=[row["query"] for row in rows],
        wanted={
            "html": [row["section"] for row in rows],
            "pdf": [chapter_file(row["chapter"]) for row in rows],
            "pdf-pages": [f"{chapter_file(row['chapter'])}: {row['title']}" for row in rows],
        },
    )


def chapter_file(number: int) -> str:
    return f"chapter{number:02d}.pdf"


def page_sections(folder: Path) -> dict[tuple[str, int], str]:
    """(file, page from 1) -> "file: title" of the section that the page is in.

    Sections are the highest entries of a PDF's outline, and begin on new pages.
    """
    found = {}
    for path in sorted(folder.glob(FILES["pdf"])):
        with pdfium.PdfDocument(path) as document:
            starts = {
                bookmark.get_dest().get_index(): f"{path.name}: {bookmark.get_title()}"
                for bookmark in document.get_toc()
                if bookmark.level == 0
            }
            title = path.name
            for index in range(len(document)):
                title = starts.get(index, title)
                found[path.name, index + 1] = title
    return found


def load_passages(folder: Path, source: str, embedder: Embedder) -> list[Passage]:
    """The passages of all files of one source, parsed and cut as the platform does it."""
    chunker = Chunker(embedder)
    passages = []
    for path in sorted(folder.glob(FILES[source])):
        document = parse_document(path, path.name, max_bytes=100 * MIB, max_pages=5000)
        passages += [Passage(path.name, chunk) for chunk in chunker.chunks(document)]
    return passages
