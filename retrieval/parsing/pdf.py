"""PDF files: the text layer, page by page, by PDFium.

A PDF has lines at places, and no structure. Here lines become blocks: larger or bold lines
are headings, lines in a monospaced font are code, lines close together are a paragraph, and
what repeats at the head or the foot of most pages is left out.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from math import inf
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.parsing.builder import BlockBuilder, one_line
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import (
    Corrupt,
    DocumentTooLarge,
    EmptyDocument,
    Encrypted,
    ScannedOnly,
)
from retrieval.parsing.ocr import Ocr
from retrieval.parsing.pdf_lines import BROKEN, Line, page_lines
from retrieval.parsing.pdf_pictures import read_pictures
from retrieval.parsing.zips import ENCRYPTED

# A PDF ends with its index; a file without it in its last bytes was cut short.
TAIL_BYTES = 4096

# A heading's font is this much larger than the running text's, and it is this short.
HEADING_RATIO = 1.12
HEADING_MAX = 200
# A bold line of the running text's size is a heading if it is this short.
BOLD_HEADING_MAX = 80

# A gap between lines of this many usual line distances begins a paragraph.
PARAGRAPH_GAP = 1.25
# Code has blank lines in it.
CODE_GAP = 2.6
# Lines closer than this many heights of their font never are apart.
LINE_GAP = 1.1

# A first or last line that stands in one place on this share of the pages is no content.
REPEATED_SHARE = 0.5
REPEATED_PAGES = 3

_LIST_ITEM = re.compile(r"(?:[•◦▪‣●○■–]|\d{1,2}[.)])\s+\S")
# PDFium's mark takes the place of the line break; other hyphens stand before it.
_BROKEN_WORD = re.compile(rf"(\w+)(?:{BROKEN}\n?|[\u00ad-]\n)([^\W\d_]+)")
_PROGRAM_TITLE = re.compile(r"untitled|microsoft|\.\w{2,5}$", re.IGNORECASE)


def parse(path: Path, title: str, max_pages: int, ocr: Ocr | None = None) -> ParsedDocument:
    _check_end(path)
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise Encrypted(ENCRYPTED) from error
        raise Corrupt("The file is damaged: it can't be read as a PDF") from error
    with document:
        count = len(document)
        if count > max_pages:
            raise DocumentTooLarge(f"The file has {count} pages; at most {max_pages} are read")
        lines: list[Line] = []
        for index in range(count):
            page = document[index]
            lines += page_lines(page, index + 1)
            page.close()
        with_text = {line.page for line in lines if any(map(str.isalnum, line.text))}
        bare = sorted(set(range(1, count + 1)) - with_text)
        pictures = read_pictures(document, bare, ocr)
        own_title = one_line(document.get_metadata_value("Title"))
    if not with_text and not pictures.texts:
        if pictures.found:
            raise ScannedOnly(pictures.why_unread())
        raise EmptyDocument("There is no text in the file")
    builder = BlockBuilder()
    _build(_without_repeated(lines, count), pictures.texts, builder)
    if own_title and not _PROGRAM_TITLE.search(own_title):
        title = own_title
    return ParsedDocument(title, builder.blocks, count, pictures.warnings(count))


def _check_end(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise Corrupt("The file was cut short: the end of the PDF is missing")


def _pages(lines: Iterable[Line]) -> dict[int, list[Line]]:
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    return pages


def _without_repeated(lines: list[Line], count: int) -> list[Line]:
    """Without running heads, feet and page numbers, but never a whole page."""
    pages = _pages(lines).values()
    edges = [line for page in pages for line in [*page[:2], *page[2:][-2:]]]
    seen = Counter(_place(line) for line in edges)
    least = max(REPEATED_PAGES, count * REPEATED_SHARE)
    repeated = {id(line) for line in edges if seen[_place(line)] >= least}
    kept = ([line for line in page if id(line) not in repeated] or page for page in pages)
    return list(chain.from_iterable(kept))


def _place(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.bottom / 4)


def _build(lines: list[Line], pictures: dict[int, list[str]], builder: BlockBuilder) -> None:
    """The blocks of the text layer, and of `pictures` (page: paragraphs), page by page."""
    running = [line for line in lines if not line.mono] or lines
    sizes = Counter[float]()
    for line in running:
        sizes[_size(line)] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted((size for size in sizes if size >= body * HEADING_RATIO), reverse=True)
    levels = {size: level for level, size in enumerate(larger, start=1)}
    whole = _BROKEN_WORD.sub(" ", "\n".join(line.text for line in lines))
    words = set(re.findall(r"\w+", whole.lower()))

    waiting = deque(sorted(pictures.items()))

    def add_pictures(before: float) -> None:
        while waiting and waiting[0][0] < before:
            page, paragraphs = waiting.popleft()
            for paragraph in paragraphs:
                builder.add(one_line(_mended(paragraph, words)), BlockKind.PARAGRAPH, page)

    for group in _groups(lines):
        first = group[0]
        add_pictures(first.page)
        text = "\n".join(line.text for line in group)
        level = levels.get(_size(first))
        if level is None and first.bold and len(text) <= BOLD_HEADING_MAX:
            level = len(levels) + 1
        if first.mono:
            builder.add(_code(group), BlockKind.CODE, first.page)
        elif level is not None and len(text) <= HEADING_MAX and any(map(str.isalpha, text)):
            builder.heading(text, level, first.page)
        else:
            kind = BlockKind.LIST if _LIST_ITEM.match(text) else BlockKind.PARAGRAPH
            builder.add(one_line(_mended(text, words)), kind, first.page)
    add_pictures(inf)


def _size(line: Line) -> float:
    return round(line.height * 2) / 2


def _groups(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines that belong together: one page, one style, no gap between them."""
    drops = [
        a.bottom - b.bottom
        for a, b in pairwise(lines)
        if a.page == b.page and _size(a) == _size(b) and a.mono == b.mono
    ]
    down = [drop for drop in drops if drop > 0]
    usual = median(down) if down else 0.0
    group: list[Line] = []
    for line in lines:
        if group and not _continues(group[-1], line, usual):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _continues(before: Line, line: Line, usual: float) -> bool:
    if (before.page, before.mono, _size(before)) != (line.page, line.mono, _size(line)):
        return False
    if not line.mono and ((before.bold and not line.bold) or _LIST_ITEM.match(line.text)):
        return False
    reach = usual * (CODE_GAP if line.mono else PARAGRAPH_GAP)
    return -line.height / 2 <= before.bottom - line.bottom < max(reach, line.height * LINE_GAP)


def _code(group: list[Line]) -> str:
    """Code with its indentation, which a PDF only has as places."""
    margin = min(line.left for line in group)
    return "\n".join(
        " " * round((line.left - margin) / line.width if line.width else 0) + line.text
        for line in group
    )


def _mended(text: str, words: set[str]) -> str:
    """Words that were broken at the end of a line, joined.

    A hyphen stays where only both its sides are words of this document.
    """

    def join(found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        whole = (left + right).lower() in words
        parts = left.lower() in words and right.lower() in words
        return f"{left}-{right}" if parts and not whole else left + right

    return _BROKEN_WORD.sub(join, text).replace(BROKEN, "-")
