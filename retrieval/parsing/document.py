"""What every parser gives: a title and the blocks of a document, in reading order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CODE = "code"
    TABLE = "table"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document that belongs together.

    `page_number` counts from 1 and is None where the format has no pages. `headings` are
    the headings that stand above the block, outermost first; a heading is not above itself.
    `start_seconds` is where a transcript's block begins. The first `header_lines` lines of a
    table say what its columns are.
    """

    text: str
    kind: BlockKind
    page_number: int | None = None
    headings: tuple[str, ...] = ()
    start_seconds: float | None = None
    header_lines: int = 1


@dataclass(slots=True)
class ParsedDocument:
    """A document as text. `warnings` are single lines for the person who uploaded it.

    `metadata` is what a web page says of itself: "topic", "canonical", "language", and "noindex"
    if searches are not to have it.
    """

    title: str
    blocks: list[Block]
    page_count: int | None = None
    warnings: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        blocks = [
            Block(
                text=block["text"],
                kind=BlockKind(block["kind"]),
                page_number=block["page_number"],
                headings=tuple(block["headings"]),
                start_seconds=block["start_seconds"],
                header_lines=block["header_lines"],
            )
            for block in data["blocks"]
        ]
        return cls(
            title=data["title"],
            blocks=blocks,
            page_count=data["page_count"],
            warnings=list(data["warnings"]),
            metadata=dict(data["metadata"]),
        )
