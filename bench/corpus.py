"""A corpus of a textbook: its files as passages, its queries with the right answers."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from config import limits
from config.errors import InvalidInput, NotFound
from retrieval.chunking import Chunk, Chunker
from retrieval.embedders.base import Embedder
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import parse_document

FILES = {"html": "sections/*.html", "pdf": "chapters/*.pdf"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of the file `document`, which is a name without its folder."""

    document: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Corpus:
    """The files of each source that the corpus has ("html", "pdf"), in order; the queries; and
    what answers each of them, by what is ranked: a section's file ("html"), a chapter's file
    ("pdf"), the pages of a section in a chapter's file ("pdf-pages")."""

    files: dict[str, list[Path]]
    queries: list[str]
    wanted: dict[str, list[str]]


def load_corpus(folder: Path) -> Corpus:
    """Raises NotFound for a folder that is no corpus, InvalidInput for a broken one."""
    if not folder.is_dir():
        raise NotFound(f"{folder}: no such folder")
    path = folder / "queries.jsonl"
    if not path.is_file():
        raise NotFound(f"{path}: no such file; a corpus needs its queries")
    files = {source: sorted(folder.glob(pattern)) for source, pattern in FILES.items()}
    files = {source: found for source, found in files.items() if found}
    rows = _query_rows(path)
    wanted = {
        "html": [row["section"] for row in rows],
        "pdf": [_chapter_file(row["chapter"]) for row in rows],
        "pdf-pages": [_section_name(_chapter_file(row["chapter"]), row["title"]) for row in rows],
    }
    for source, found in files.items():
        missing = set(wanted[source]) - {file.name for file in found}
        if missing:
            raise NotFound(f"{folder}: {min(missing)} is not there, and answers a query")
    return Corpus(files=files, queries=[row["query"] for row in rows], wanted=wanted)


def page_sections(files: list[Path]) -> dict[tuple[str, int], str]:
    """(file, page from 1) of PDF files -> the name of the section that the page is in.

    Sections are the highest entries of a PDF's outline, and begin on new pages. Raises
    InvalidInput for a file that can't be read.
    """
    found = {}
    for path in files:
        try:
            with pdfium.PdfDocument(path) as document:
                starts = _section_starts(path.name, document)
                pages = len(document)
        except pdfium.PdfiumError as error:
            raise InvalidInput(f"{path}: {error}") from None
        section = path.name
        for index in range(pages):
            section = starts.get(index, section)
            found[path.name, index + 1] = section
    return found


def load_passages(files: list[Path], embedder: Embedder) -> list[Passage]:
    """The passages of all files, parsed and cut as the platform does it.

    Raises InvalidInput for a file that can't be read.
    """
    chunker = Chunker(embedder)
    passages = []
    for path in files:
        try:
            document = parse_document(
                path,
                path.name,
                max_bytes=limits.DOCUMENT_MAX_BYTES,
                max_pages=limits.DOCUMENT_MAX_PAGES,
            )
        except ParseError as error:
            raise InvalidInput(f"{path}: {error}") from None
        passages += [Passage(path.name, chunk) for chunk in chunker.chunks(document)]
    return passages


def _section_starts(file: str, document: pdfium.PdfDocument) -> dict[int, str]:
    """Page from 0 -> the section that begins there."""
    return {
        bookmark.get_dest().get_index(): _section_name(file, bookmark.get_title())
        for bookmark in document.get_toc()
        if bookmark.level == 0 and bookmark.get_dest() is not None  # some lead nowhere
    }


def _query_rows(path: Path) -> list[dict[str, Any]]:
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InvalidInput(f"{path}: not UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append(
                {name: str(row[name]) for name in ("query", "section", "title")}
                | {"chapter": int(row["chapter"])}
            )
        except (ValueError, TypeError, KeyError):
            raise InvalidInput(
                f"{path}: line {number} is no object with query, section, title and chapter"
            ) from None
    if not rows:
        raise InvalidInput(f"{path}: no query")
    return rows


def _chapter_file(number: int) -> str:
    return f"chapter{number:02d}.pdf"


def _section_name(file: str, title: str) -> str:
    return f"{file}: {title}"
