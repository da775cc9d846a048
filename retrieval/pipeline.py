"""From a file to passages with vectors: parse, chunk, embed. Knows nothing of the database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from django.conf import settings

from config import limits
from config.errors import DomainError, InvalidInput, NotFound, TooLarge
from retrieval.ahead import one_ahead
from retrieval.chunking import Chunk, Chunker
from retrieval.embedders import get_embedder
from retrieval.embedders.base import Embedder, Vectors
from retrieval.lexical import weights
from retrieval.lexical.analysis import get_analyzer
from retrieval.parsing import errors
from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.sandbox import ParserProcess

# Part of what tells whether a document must be made again: raise it when the parsers or the
# chunker give other passages for the same file.
VERSION = 2

Progress = Callable[[int, int], None]  # passages embedded, of how many


@dataclass(frozen=True, slots=True)
class Digest:
    """A document as passages, their vectors ([len(chunks), 384]) and their terms.

    `terms` has for each passage the numbers of its terms and their weights (see
    `retrieval.lexical.weights`).
    """

    title: str
    chunks: list[Chunk]
    vectors: Vectors
    terms: list[tuple[list[int], list[int]]]
    pages: int | None
    warnings: list[str]
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that has been read and cut."""

    document: ParsedDocument
    chunks: list[Chunk]
    terms: list[tuple[list[int], list[int]]]


def passage_id(owner: UUID, chunk_index: int) -> UUID:
    """A passage's id, which follows from its document (or page) and its place there: making a
    document again replaces its passages."""
    return uuid5(owner, str(chunk_index))


def pipeline_version() -> str:
    """Names the parsers and chunker, the model, and the terms that are made now."""
    embedder = get_embedder()
    terms = f"{settings.SEARCH_LANGUAGE}.{weights.VERSION}"
    return f"{VERSION}/{embedder.name}@{embedder.version}/{terms}"


def digest_files(
    files: Iterable[tuple[Path, str]], *, on_progress: Progress | None = None
) -> Iterator[list[Digest | DomainError]]:
    """Read files (path, filename), cut them, and embed the passages; a result a file, in order,
    those together that were embedded together.

    A file that can't be read gives InvalidInput, TooLarge or NotFound with the parser's code
    and one line. Files are read in a limited process of their own, and the passages of
    small ones are embedded together; the next files are read and embedded while the caller
    works on a result. `on_progress` counts the passages of all files so far; it is called
    from another thread and so must not use the database.
    """
    embedder, counter = get_embedder(), _Counter(on_progress)
    with parser_process() as parser:
        chunker = Chunker(embedder)
        reads = (_read(parser, chunker, path, filename) for path, filename in files)
        batches = one_ahead(_batches(reads))
        yield from one_ahead(_embedded(batch, embedder, counter) for batch in batches)


def digest_file(path: Path, filename: str, *, on_progress: Progress | None = None) -> Digest:
    """Read, cut and embed one file in the caller's thread.

    Raises the error that `digest_files` gives.
    """
    return embed_file(read_file(path, filename), on_progress=on_progress)


def read_file(path: Path, filename: str, *, parser: ParserProcess | None = None) -> ReadFile:
    """Read and cut one file, which costs little beside embedding it. Raises as above.

    Who reads one after another gives the `parser_process` that does it.
    """
    with ExitStack() as stack:
        parser = parser or stack.enter_context(parser_process())
        read = _read(parser, Chunker(get_embedder()), path, filename)
    if isinstance(read, DomainError):
        raise read
    return read


def read_files(files: Iterable[tuple[Path, str]]) -> Iterator[ReadFile | DomainError]:
    """The same for many (path, filename), in order; the error of one that can't be read."""
    with parser_process() as parser:
        chunker = Chunker(get_embedder())
        for path, filename in files:
            yield _read(parser, chunker, path, filename)


def embed_file(read: ReadFile, *, on_progress: Progress | None = None) -> Digest:
    """Embed the passages of a file in the caller's thread."""
    (result,) = _embedded([read], get_embedder(), _Counter(on_progress))
    assert isinstance(result, Digest)  # only what could not be read gives an error
    return result


class _Counter:
    """Counts passages for `on_progress`."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._on_progress = on_progress
        self._done = self._total = 0

    def expect(self, count: int) -> None:
        """More passages have come."""
        self._total += count
        self.advance(0)

    def advance(self, count: int) -> None:
        """Passages have been embedded."""
        self._done += count
        if self._on_progress is not None:
            self._on_progress(self._done, self._total)


def parser_process(*, seconds: int = limits.PARSE_SECONDS) -> ParserProcess:
    """A process that reads files within the limits; it starts at the first one."""
    return ParserProcess(
        memory_mb=limits.PARSE_MEMORY_MB,
        seconds=seconds,
        max_bytes=limits.DOCUMENT_MAX_BYTES,
        max_pages=limits.DOCUMENT_MAX_PAGES,
    )


def _read(
    parser: ParserProcess, chunker: Chunker, path: Path, filename: str
) -> ReadFile | DomainError:
    try:
        document = parser.parse(path, filename)
    except errors.ParseError as error:
        return domain_error(error)
    chunks, analyzer = chunker.chunks(document), get_analyzer()
    terms = [weights.term_weights(analyzer, chunk.text, chunk.headings) for chunk in chunks]
    return ReadFile(document, chunks, terms)


def _batches(results: Iterable[ReadFile | DomainError]) -> Iterator[list[ReadFile | DomainError]]:
    """Results together until they have enough passages to be embedded well.

    The first batches are small: embedding begins soon, while the next files are read.
    """
    batch: list[ReadFile | DomainError] = []
    passages, enough = 0, limits.INGESTION_FIRST_BATCH
    for result in results:
        batch.append(result)
        passages += len(result.chunks) if isinstance(result, ReadFile) else 0
        if passages >= enough:
            yield batch
            batch, passages, enough = [], 0, min(2 * enough, limits.INGESTION_BATCH)
    if batch:
        yield batch


def _embedded(
    batch: Sequence[ReadFile | DomainError], embedder: Embedder, counter: _Counter
) -> list[Digest | DomainError]:
    sound = [read for read in batch if isinstance(read, ReadFile)]
    texts = [chunk.embedding_text for read in sound for chunk in read.chunks]
    counter.expect(len(texts))
    vectors = embedder.encode(texts, on_progress=counter.advance)
    found: list[Digest | DomainError] = []
    start = 0
    for read in batch:
        if isinstance(read, DomainError):
            found.append(read)
            continue
        document, end = read.document, start + len(read.chunks)
        digest = Digest(
            title=document.title,
            chunks=read.chunks,
            vectors=vectors[start:end],
            terms=read.terms,
            pages=document.page_count,
            warnings=document.warnings,
            metadata=document.metadata,
        )
        found.append(digest)
        start = end
    return found


def domain_error(error: errors.ParseError) -> DomainError:
    """The platform's error for a file that can't be read."""
    if isinstance(error, errors.FileMissing):
        return NotFound(error.detail, code=error.code)
    if isinstance(error, errors.DocumentTooLarge):
        return TooLarge(error.detail, code=error.code)
    return InvalidInput(error.detail, code=error.code)
