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
    """

    text: str
    kind: BlockKind
    page_number: int | None = None
    headings: tuple[str, ...] = ()


@dataclass(slots=True)
class ParsedDocument:
    """A document as text. `warnings` are single lines for the person who uploaded it."""

    title: str
    blocks: list[Block]
    page_count: int | None = None
    warnings: list[str] = field(default_factory=list)

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
            )
            for block in data["blocks"]
        ]
        return cls(data["title"], blocks, data["page_count"], list(data["warnings"]))
