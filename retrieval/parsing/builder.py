"""What the parsers share: clean text, and the headings that stand above each block."""

import re

from retrieval.parsing.document import Block, BlockKind

# PostgreSQL refuses NUL; other control characters, lone surrogates and noncharacters are
# never text. Tab and newline stay.
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")


def clean_text(text: str) -> str:
    """Text that every store takes, with its line breaks as they are."""
    for found, meant in (("\r\n", "\n"), ("\r", "\n"), ("\x0b", "\n"), ("\xa0", " ")):
        text = text.replace(found, meant)
    return _NOT_TEXT.sub("", text)


def one_line(text: str) -> str:
    """Clean text with every run of white space made one space."""
    return " ".join(clean_text(text).split())


class BlockBuilder:
    """Collects blocks in reading order, and keeps the path of headings."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []

    def heading(self, text: str, level: int, page: int | None = None) -> None:
        """A heading; it ends those of its own level (1 is the highest) and below.

        One without text does only that.
        """
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        if text := one_line(text):
            self._append(text, BlockKind.HEADING, page)
            self._path.append((level, text))

    def add(
        self,
        text: str,
        kind: BlockKind,
        page: int | None = None,
        *,
        start_seconds: float | None = None,
        header_lines: int = 1,
    ) -> None:
        """Any other block; one without text is left out."""
        if kind is BlockKind.PARAGRAPH:
            lines = (one_line(line) for line in clean_text(text).split("\n"))
            text = "\n".join(line for line in lines if line)
        else:
            text = _BLANK_LINES.sub("\n\n", clean_text(text)).strip("\n").rstrip()
        if text.strip():
            self._append(text, kind, page, start_seconds, header_lines)

    def _append(
        self,
        text: str,
        kind: BlockKind,
        page: int | None,
        start_seconds: float | None = None,
        header_lines: int = 1,
    ) -> None:
        path = tuple(above for _, above in self._path)
        self.blocks.append(Block(text, kind, page, path, start_seconds, header_lines))


def table_text(rows: list[list[str]]) -> str:
    """A table row by row, its cells apart by bars."""
    lines = (" | ".join(one_line(cell) for cell in row) for row in rows)
    return "\n".join(line for line in lines if line.strip(" |"))
