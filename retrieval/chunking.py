"""Documents into chunks that the model reads whole.

A chunk never crosses a page or a heading, so that its citation is exact. Within those it
packs as many whole blocks as fit. A block that is too long alone is cut: code between lines,
a table between rows with its header above each piece, all else between lines, then
sentences, then words, then letters (semantic-text-splitter, Unicode boundaries).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile

from semantic_text_splitter import TextSplitter

from retrieval.embedders.base import Embedder
from retrieval.packing import CHARACTERS_PER_TOKEN, Packing
from retrieval.parsing.document import Block, BlockKind, ParsedDocument

# [CLS] and [SEP].
SPECIAL_TOKENS = 2

# The path of headings may take this many word pieces; beyond it the outer ones are left out.
CONTEXT_TOKENS = 64

# Texts are counted this many at a time, so that memory does not grow with the document.
_WINDOW = 2048

# The splitter's time grows faster than a text: one of a million letters would take minutes.
_STRETCH = 10_000

_LONG_BLANK = re.compile(r"\n[^\S\n]*\n(?:[^\S\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage. `headings` stand above its first line, outermost first; `chunk_index`
    counts from 0 through the document; `page_number` from 1. `start_seconds` is where the
    first words of a transcript's passage are said."""

    text: str
    page_number: int | None
    chunk_index: int
    headings: tuple[str, ...] = ()
    start_seconds: float | None = None

    @property
    def embedding_text(self) -> str:
        """What is embedded: the headings, so that the passage is understood, and the text."""
        return "\n".join([*self.headings, self.text])


@dataclass(frozen=True, slots=True)
class _Counted:
    """A block, and its word pieces; None if it is too long to be counted."""

    block: Block
    text: str
    tokens: int | None


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start_seconds: float | None


class Chunker:
    """Cuts by the embedder's own tokenizer.

    An embedding text has at most `max_tokens` word pieces, the two special ones counted
    (by default as many as the model reads).
    """

    def __init__(self, embedder: Embedder, *, max_tokens: int | None = None) -> None:
        self._tokenizer = embedder.tokenizer
        self._room = (max_tokens or embedder.max_tokens) - SPECIAL_TOKENS
        self._splitter = lru_cache(maxsize=None)(self._new_splitter)
        # The same headings stand above many chunks.
        self._count_headings = lru_cache(maxsize=256)(self._count)

    def chunks(self, document: ParsedDocument) -> list[Chunk]:
        """The chunks of a document, in reading order; all its words are in them."""
        found: list[Chunk] = []
        for section in _sections(self._counted(document.blocks)):
            lead, body = self._lead(section)
            # The first chunk holds the section's own headings in its text, the others have
            # them above it.
            headings, others = (self._context(section[at].block.headings) for at in (0, -1))
            room = self._room - self._count_headings("\n".join(others))
            less = min(room, self._room - self._count_headings("\n".join([*headings, lead])))
            if lead and any(_is_code(item, less, room) for item in body):
                # Code that fits without the section's own headings stays whole.
                lead, body = "", section
                less = min(room, self._room - self._count_headings("\n".join(headings)))
            for piece in self._packed(body, less):
                text = f"{lead}\n\n{piece.text}" if lead else piece.text
                page = section[0].block.page_number
                found.append(Chunk(text, page, len(found), headings, piece.start_seconds))
                lead, headings = "", others
        return found

    def _counted(self, blocks: Sequence[Block]) -> Iterator[_Counted]:
        for start in range(0, len(blocks), _WINDOW):
            window = blocks[start : start + _WINDOW]
            texts = [_LONG_BLANK.sub("\n\n", block.text.strip("\n")) for block in window]
            for block, text, tokens in zip(window, texts, self._sizes(texts), strict=True):
                if text.strip():
                    yield _Counted(block, text, tokens)

    def _lead(self, section: list[_Counted]) -> tuple[str, list[_Counted]]:
        """The headings that the section begins with, and the rest, which is never empty."""
        body = list(dropwhile(lambda item: item.block.kind is BlockKind.HEADING, section))
        lead = "\n".join(item.text for item in section[: len(section) - len(body)])
        if not body or self._count_headings(lead) > CONTEXT_TOKENS:
            return "", section
        return lead, body

    def _packed(self, items: list[_Counted], room: int) -> Iterator[_Piece]:
        """Whole blocks as long as they fit; one that is too long is cut alone."""
        packed = Packing(room, "\n\n")
        start: float | None = None
        for item in items:
            whole = packed.fits(item.text, item.tokens)
            for number, piece in enumerate([item.text] if whole else self._cut(item, room)):
                tokens = item.tokens if whole else self._count(piece)
                if packed.texts and (number or not packed.takes(piece, tokens)):
                    yield _Piece(packed.taken(), start)
                if not packed.texts:
                    start = item.block.start_seconds
                packed.add(piece, tokens)
        if packed.texts:
            yield _Piece(packed.taken(), start)

    def _cut(self, item: _Counted, room: int) -> Iterator[str]:
        """The pieces of a block that is too long."""
        if item.block.kind is BlockKind.CODE:
            return self._between(item.text, room, ("\n\n", "\n"))
        if item.block.kind is BlockKind.TABLE:
            return self._rows(item, room)
        return self._split(item.text, room)

    def _rows(self, item: _Counted, room: int) -> Iterator[str]:
        lines = item.text.split("\n")
        header = "\n".join(lines[: item.block.header_lines])
        taken = -(-(len(header) + 1) // CHARACTERS_PER_TOKEN)
        if taken <= room // 2:
            taken = max(taken, self._count(header))
        if taken > room // 2 or len(lines) <= item.block.header_lines:
            yield from self._between(item.text, room, ("\n",))
            return
        rows = "\n".join(lines[item.block.header_lines :])
        for piece in self._between(rows, room - taken, ("\n",)):
            yield f"{header}\n{piece}"

    def _between(self, text: str, room: int, separators: tuple[str, ...]) -> Iterator[str]:
        """Pieces that fit, cut at the first of `separators`, or where they are still too long
        at the next ones."""
        if not separators:
            yield from self._split(text, room)
            return
        packed = Packing(room, separators[0])
        parts = text.split(separators[0])
        for part, tokens in zip(parts, self._sizes(parts), strict=True):
            if packed.texts and not packed.takes(part, tokens):
                yield packed.taken()
            if packed.fits(part, tokens):
                packed.add(part, tokens)
            else:
                yield from self._between(part, room, separators[1:])
        if packed.texts:
            yield packed.taken()

    def _split(self, text: str, room: int) -> Iterator[str]:
        for part in _stretches(text):
            for start, piece in self._splitter(room).chunk_indices(part):
                # The splitter trims; the first line of a list keeps its indentation.
                before = part[part.rfind("\n", 0, start) + 1 : start]
                indent = before if before.isspace() else ""
                if piece:
                    yield indent + piece

    def _context(self, headings: tuple[str, ...]) -> tuple[str, ...]:
        while headings and self._count_headings("\n".join(headings)) > CONTEXT_TOKENS:
            headings = headings[1:]
        return headings

    def _count(self, text: str) -> int:
        """Word pieces, without the special ones. They add up over lines."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _sizes(self, texts: Sequence[str]) -> list[int | None]:
        """The word pieces of each text, all counted at once; None for one that fits nowhere."""
        found: list[int | None] = [None] * len(texts)
        longest = self._room * CHARACTERS_PER_TOKEN
        short = [index for index, text in enumerate(texts) if len(text) <= longest]
        encodings = self._tokenizer.encode_batch_fast(
            [texts[index] for index in short], add_special_tokens=False
        )
        for index, encoding in zip(short, encodings, strict=True):
            found[index] = len(encoding.ids)
        return found

    def _new_splitter(self, room: int) -> TextSplitter:
        def size(text: str) -> int:
            if len(text) > room * CHARACTERS_PER_TOKEN:
                return len(text)
            return self._count(text)

        return TextSplitter.from_callback(size, room)


def _stretches(text: str) -> Iterator[str]:
    """A text in parts that the splitter is quick with, cut where a reader would."""
    start = 0
    while len(text) - start > _STRETCH:
        reach = start + _STRETCH
        cuts = (text.rfind(mark, start + _STRETCH // 2, reach) for mark in ("\n", ". ", " "))
        end = next((cut + 1 for cut in cuts if cut >= 0), reach)
        yield text[start:end]
        start = end
    yield text[start:]


def _is_code(item: _Counted, less: int, room: int) -> bool:
    """Whether it is code that fits `room` word pieces, but not `less`."""
    return (
        item.block.kind is BlockKind.CODE and item.tokens is not None and less < item.tokens <= room
    )


def _sections(items: Iterable[_Counted]) -> Iterator[list[_Counted]]:
    """Runs of blocks on one page under the same headings, each led by its own headings."""
    section: list[_Counted] = []
    for item in items:
        block = item.block
        if section and (
            block.page_number != section[0].block.page_number
            or (block.kind is BlockKind.HEADING and section[-1].block.kind is not BlockKind.HEADING)
        ):
            yield section
            section = []
        section.append(item)
    if section:
        yield section
