"""From a file to passages with vectors: parse, chunk, embed. Knows nothing of the database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5

from config import limits
from config.errors import DomainError, InvalidInput, NotFound, TooLarge
from retrieval.chunking import Chunk, Chunker
from retrieval.embedders import get_embedder
from retrieval.embedders.base import Vectors
from retrieval.parsing import errors
from retrieval.parsing.sandbox import parse_in_subprocess
from retrieval.stores.base import DocumentPassage, Vector

# Part of what tells whether a document must be made again: raise it when the parsers or the
# chunker give other passages for the same file.
VERSION = 1

Progress = Callable[[int, int], None]  # passages embedded, of how many


@dataclass(frozen=True, slots=True)
class Digest:
    """A document as passages and their vectors ([len(chunks), 384])."""

    title: str
    chunks: list[Chunk]
    vectors: Vectors
    pages: int | None
    warnings: list[str]

    def points(
        self,
        *,
        document_id: UUID,
        classroom_id: UUID,
        document_type: str,
        filename: str,
        created_at: datetime,
    ) -> Iterator[tuple[DocumentPassage, Vector]]:
        """What the vector store takes. A passage's id follows from its document and index."""
        for chunk, vector in zip(self.chunks, self.vectors, strict=True):
            passage = DocumentPassage(
                id=uuid5(document_id, str(chunk.chunk_index)),
                document_id=document_id,
                classroom_id=classroom_id,
                document_type=document_type,
                filename=filename,
                page_number=chunk.page_number,
                chunk_index=chunk.chunk_index,
                text=chunk.text,
                created_at=created_at,
            )
            yield passage, vector


def pipeline_version() -> str:
    """Names the parsers, chunker and model that make passages now."""
    embedder = get_embedder()
    return f"{VERSION}/{embedder.name}@{embedder.version}"


def digest_file(path: Path, filename: str, *, on_progress: Progress | None = None) -> Digest:
    """Read a file (in a limited process of its own), cut it, and embed the passages.

    Raises InvalidInput, TooLarge or NotFound with the parser's code and one line.
    """
    try:
        parsed = parse_in_subprocess(
            path,
            filename,
            memory_mb=limits.PARSE_MEMORY_MB,
            seconds=limits.PARSE_SECONDS,
            max_bytes=limits.DOCUMENT_MAX_BYTES,
            max_pages=limits.DOCUMENT_MAX_PAGES,
        )
    except errors.ParseError as error:
        raise domain_error(error) from None
    embedder = get_embedder()
    chunks = Chunker(embedder).chunks(parsed)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if on_progress is not None:
            on_progress(done, len(chunks))

    if on_progress is not None:
        on_progress(0, len(chunks))
    vectors = embedder.encode([chunk.embedding_text for chunk in chunks], on_progress=advance)
    return Digest(parsed.title, chunks, vectors, parsed.page_count, parsed.warnings)


def domain_error(error: errors.ParseError) -> DomainError:
    """The platform's error for a file that can't be read."""
    if isinstance(error, errors.FileMissing):
        return NotFound(error.detail, code=error.code)
    if isinstance(error, errors.DocumentTooLarge):
        return TooLarge(error.detail, code=error.code)
    return InvalidInput(error.detail, code=error.code)
