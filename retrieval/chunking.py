"""Documents into chunks that the model reads whole.

A chunk never crosses a page or a heading, so that its citation is exact. Within those it
packs as many whole blocks as fit; a block that is too long alone is cut between lines, then
sentences, then words, then letters (semantic-text-splitter, Unicode boundaries).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile

from semantic_text_splitter import TextSplitter

from retrieval.embedders.base import Embedder
from retrieval.parsing.document import Block, BlockKind, ParsedDocument

# [CLS] and [SEP].
SPECIAL_TOKENS = 2

# The path of headings may take this many word pieces; beyond it the outer ones are left out.
CONTEXT_TOKENS = 64

# The tokenizer takes a very long run of letters for one unknown word. A chunk is also
# bounded by this many characters a word piece, so that such a run can't make it huge, and
# texts that are far too long are never tokenized only to be counted.
CHARACTERS_PER_TOKEN = 12

# The splitter keeps together what is separated by the fewest newlines: three separate
# blocks, and no block contains as many.
_BLOCK_SEPARATOR = "\n\n\n"
_LONG_BLANK = re.compile(r"\n[^\S\n]*\n(?:[^\S\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage. `headings` stand above its first line, outermost first; `chunk_index`
    counts from 0 through the document; `page_number` from 1."""

    text: str
    page_number: int | None
    chunk_index: int
    headings: tuple[str, ...] = ()

    @property
    def embedding_text(self) -> str:
        """What is embedded: the headings, so that the passage is understood, and the text."""
        return "\n".join([*self.headings, self.text])


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
        for section in _sections(document.blocks):
            lead, body = self._lead(section)
            # The first chunk holds the section's own headings in its text, the others have
            # them above it.
            headings, others = (self._context(section[at].headings) for at in (0, -1))
            room = self._room - max(
                self._count_headings("\n".join([*headings, lead])),
                self._count_headings("\n".join(others)),
            )
            for piece in self._split(body, room):
                text = f"{lead}\n\n{piece}" if lead else piece
                found.append(Chunk(text, section[0].page_number, len(found), headings))
                lead, headings = "", others
        return found

    def _lead(self, section: list[Block]) -> tuple[str, list[Block]]:
        """The headings that the section begins with, and the rest, which is never empty."""
        body = list(dropwhile(lambda block: block.kind is BlockKind.HEADING, section))
        lead = "\n".join(block.text for block in section[: len(section) - len(body)])
        if not body or self._count_headings(lead) > CONTEXT_TOKENS:
            return "", section
        return lead, body

    def _split(self, section: list[Block], room: int) -> Iterator[str]:
        text = _BLOCK_SEPARATOR.join(
            _LONG_BLANK.sub("\n\n", block.text.strip("\n")) for block in section
        )
        for start, piece in self._splitter(room).chunk_indices(text):
            # The splitter trims; the first line of code keeps its indentation.
            before = text[text.rfind("\n", 0, start) + 1 : start]
            indent = before if before.isspace() else ""
            if piece:
                yield indent + piece.replace(_BLOCK_SEPARATOR, "\n\n")

    def _context(self, headings: tuple[str, ...]) -> tuple[str, ...]:
        while headings and self._count_headings("\n".join(headings)) > CONTEXT_TOKENS:
            headings = headings[1:]
        return headings

    def _count(self, text: str) -> int:
        """Word pieces, without the special ones. They add up over lines."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _new_splitter(self, room: int) -> TextSplitter:
        def size(text: str) -> int:
            if len(text) > room * CHARACTERS_PER_TOKEN:
                return len(text)
            return self._count(text)

        return TextSplitter.from_callback(size, room)


def _sections(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Runs of blocks on one page under the same headings, each led by its own headings."""
    section: list[Block] = []
    for block in blocks:
        if section and (
            block.page_number != section[0].page_number
            or (block.kind is BlockKind.HEADING and section[-1].kind is not BlockKind.HEADING)
        ):
            yield section
            section = []
        section.append(block)
    if section:
        yield section
