"""The lines of a PDF page, with what tells headings and code from running text."""

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

# PDFium's mark for a hyphen that it takes for the end of a broken word.
BROKEN = "\ufffe"

_FIXED_PITCH = 1
_BOLD_WEIGHT = 600
_MONO_NAMES = ("mono", "courier", "consol", "menlo", "typewriter")

_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "\x02": BROKEN,
}
_TRANSLATION = str.maketrans(_LIGATURES)


@dataclass(slots=True)
class Line:
    """A line of text. Lengths are in points; `bottom` is measured from the page's foot.

    `width` is that of its first character, `height` that of its font, from the lowest
    descender to the highest ascender.
    """

    text: str
    page: int
    left: float
    bottom: float
    width: float
    height: float
    mono: bool
    bold: bool


def page_lines(page: pdfium.PdfPage, number: int) -> list[Line]:
    """The lines of a page that have text, in the order of the file."""
    textpage = page.get_textpage()
    try:
        lines = []
        start = 0
        codes = [
            pdfium_c.FPDFText_GetUnicode(textpage, index) for index in range(textpage.count_chars())
        ]
        for index, code in enumerate([*codes, 10]):
            if code == 10:
                line = _line(textpage, codes, start, index, number)
                if line is not None:
                    lines.append(line)
                start = index + 1
        return lines
    finally:
        textpage.close()


def _line(
    textpage: pdfium.PdfTextPage, codes: list[int], start: int, end: int, page: int
) -> Line | None:
    # A character outside the basic plane is two code units, as in UTF-16.
    units = b"".join((code & 0xFFFF).to_bytes(2, "little") for code in codes[start:end] if code)
    text = units.decode("utf-16-le", "replace").translate(_TRANSLATION).strip()
    seen = [index for index in range(start, end) if codes[index] > 32]
    if not text or not seen:
        return None
    first, middle = seen[0], seen[len(seen) // 2]
    left, bottom, right, _ = textpage.get_charbox(first, loose=True)
    _, low, _, high = textpage.get_charbox(middle, loose=True)
    fonts = [_font(textpage, index) for index in {first, middle, seen[-1]}]
    return Line(
        text=text,
        page=page,
        left=left,
        bottom=bottom,
        width=right - left,
        height=high - low,
        mono=all(mono for mono, _ in fonts),
        bold=all(bold for _, bold in fonts),
    )


def _font(textpage: pdfium.PdfTextPage, index: int) -> tuple[bool, bool]:
    """Whether a character's font is monospaced, and whether it is bold."""
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(textpage, index, name, len(name), flags)
    lower = name.value.decode("utf-8", "replace").lower()
    mono = bool(flags.value & _FIXED_PITCH) or any(part in lower for part in _MONO_NAMES)
    bold = "bold" in lower or pdfium_c.FPDFText_GetFontWeight(textpage, index) >= _BOLD_WEIGHT
    return mono, bold
