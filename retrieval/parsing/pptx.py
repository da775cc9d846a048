"""PowerPoint presentations: every slide is a page, headed by its title."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pptx import Presentation
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape

from retrieval.parsing.builder import BlockBuilder, one_line, table_text
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import DocumentTooLarge


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    presentation = Presentation(str(path))
    slides = presentation.slides
    if len(slides) > max_pages:
        raise DocumentTooLarge(f"The file has {len(slides)} slides; at most {max_pages} are read")
    builder = BlockBuilder()
    for page, slide in enumerate(slides, start=1):
        heading = slide.shapes.title
        builder.heading(heading.text_frame.text if heading is not None else "", 1, page)
        for shape in _leaves(slide.shapes):
            if heading is None or shape.shape_id != heading.shape_id:
                _add(shape, builder, page)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            builder.add(slide.notes_slide.notes_text_frame.text, BlockKind.PARAGRAPH, page)
    title = one_line(presentation.core_properties.title or "") or title
    return ParsedDocument(title, builder.blocks, page_count=len(slides))


def _leaves(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _leaves(shape.shapes)
        else:
            yield shape


def _add(shape: BaseShape, builder: BlockBuilder, page: int) -> None:
    if isinstance(shape, GraphicFrame) and shape.has_table:
        rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
        builder.add(table_text(rows), BlockKind.TABLE, page)
    elif isinstance(shape, Shape):
        lines = [one_line(paragraph.text) for paragraph in shape.text_frame.paragraphs]
        lines = [line for line in lines if line]
        kind = BlockKind.LIST if len(lines) > 1 else BlockKind.PARAGRAPH
        builder.add("\n".join(lines), kind, page)
