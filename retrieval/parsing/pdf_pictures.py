"""Pages of a PDF that are pictures: which they are, and what OCR reads on them."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.parsing.ocr import Ocr
from retrieval.parsing.tesseract import Reader, is_installed

DPI = 300
_PICTURES = (
    pdfium_c.FPDF_PAGEOBJ_IMAGE,
    pdfium_c.FPDF_PAGEOBJ_PATH,
    pdfium_c.FPDF_PAGEOBJ_SHADING,
)
_POINTS = 72  # per inch
# A4 at DPI has 8.7 million pixels.
MAX_PIXELS = 10_000_000
MAX_SIDE = 10_000

# A warning names so many ranges of pages.
_MAX_RANGES = 20


@dataclass(slots=True)
class Pictures:
    """Pages without a text layer, counted from 1.

    `blank` have nothing on them, or no letters in their pictures. Of the other pictures
    `texts` were read, `unread` were not.
    """

    blank: list[int] = field(default_factory=list)
    texts: dict[int, list[str]] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)
    found: bool = False  # there are pictures
    tried: bool = False  # to read them

    def warnings(self, count: int) -> list[str]:
        """Single lines about the pages of a file of `count` pages."""
        found = []
        for pages, what in (
            (self.blank, "have no text"),
            (sorted(self.texts), "are pictures, read by OCR, which makes mistakes"),
            (self.unread, "are pictures, and were not read"),
        ):
            if pages:
                found.append(f"{len(pages)} of {count} pages {what}: {_listed(pages)}")
        return found

    def why_unread(self) -> str:
        """One line for a file in which nothing else is."""
        if self.tried:
            return "The pages are pictures, and OCR found no text in them"
        return (
            "The pages are pictures without text: run the file through OCR first, "
            "or install Tesseract on the server"
        )


def read_pictures(document: pdfium.PdfDocument, bare: Sequence[int], ocr: Ocr | None) -> Pictures:
    """What is on the pages `bare`, which have no text layer."""
    pictures = Pictures()
    drawn: list[int] = []
    for number in bare:
        (drawn if _has_picture(document, number) else pictures.blank).append(number)
    readable = drawn[: ocr.max_pages] if ocr is not None and is_installed() else []
    pictures.found, pictures.tried = bool(drawn), bool(readable)
    if ocr is not None and readable:
        reader = Reader(ocr, len(readable))
        for number in readable:
            text = reader.read(*_picture(document, number))
            paragraphs = re.split(r"\n[^\S\n]*\n", text or "")
            if text is None:
                pictures.unread.append(number)
            elif any(map(str.isalnum, text)):
                pictures.texts[number] = [part for part in paragraphs if part.strip()]
            else:
                pictures.blank.append(number)
        pictures.blank.sort()
    pictures.unread += drawn[len(readable) :]
    return pictures


def _has_picture(document: pdfium.PdfDocument, number: int) -> bool:
    """Whether there is a picture or a drawing on the page: letters may be outlines, too."""
    page = document[number - 1]
    found = next(iter(page.get_objects(filter=_PICTURES)), None) is not None
    page.close()
    return found


def _picture(document: pdfium.PdfDocument, number: int) -> tuple[bytes, int]:
    """The page as a grey PNM picture, and its dots per inch."""
    page = document[number - 1]
    width, height = (max(side, 1.0) for side in page.get_size())
    scale = min(
        DPI / _POINTS, math.sqrt(MAX_PIXELS / (width * height)), MAX_SIDE / max(width, height)
    )
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    head = f"P5 {bitmap.width} {bitmap.height} 255\n".encode()
    lines = (
        rows[at : at + bitmap.width]
        for at in range(0, bitmap.height * bitmap.stride, bitmap.stride)
    )
    picture = b"".join((head, *lines))
    bitmap.close()
    page.close()
    return picture, max(round(scale * _POINTS), 1)


def page_ranges(pages: list[int]) -> Iterator[str]:
    """1, 3, 4, 5 as "1", "3–5"."""
    start = 0
    for index, page in enumerate(pages):
        if index + 1 == len(pages) or pages[index + 1] != page + 1:
            first = pages[start]
            yield str(first) if first == page else f"{first}–{page}"
            start = index + 1


def _listed(pages: list[int]) -> str:
    ranges = list(page_ranges(pages))
    return ", ".join(ranges[:_MAX_RANGES]) + (" …" if len(ranges) > _MAX_RANGES else "")
