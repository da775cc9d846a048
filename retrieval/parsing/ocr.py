"""How pages that are pictures are read; `tesseract.py` does it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ocr:
    """`languages` are Tesseract's names, joined by "+". Of one file at most `max_pages` are
    read, each within `page_seconds`, all within `seconds`."""

    languages: str
    max_pages: int
    page_seconds: int
    seconds: int
